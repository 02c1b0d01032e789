import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Config, ModelEntry } from '../../config/index.ts';

/** A model's files as they are now. */
export interface FoundModel {
  readonly entry: ModelEntry;
  /** Differs when any of its files has changed. */
  readonly signature: string;
}

const ENDING = '.safetensors';
/** Collections sort their models into folders, but not deeper. */
const MAX_DEPTH = 3;
/** A diffusers folder has a folder for each part and some twenty files; a folder with more is something else. */
const MAX_FILES = 500;

/**
 * Everything in a folder that may be a model: diffusers folders and `.safetensors` files, also in folders within it, by
 * their names; what begins with a dot is left out. A folder that is not there is an empty one.
 */
export async function findModels(folder: string): Promise<readonly FoundModel[]> {
  const paths = (await modelPaths(folder, 1)).sort();
  return Promise.all(
    paths.map(async (base) => {
      const entry = { name: nameOf(base), base, refiner: null };
      return { entry, signature: await signatureOf(entry) };
    }),
  );
}

/** The models that may be drawn with from here: the configured ones, then those in the model folder. */
export async function modelsOf({
  models,
  modelDir,
}: Pick<Config, 'models' | 'modelDir'>): Promise<readonly ModelEntry[]> {
  const configured = new Set(models.flatMap(({ base, refiner }) => [base, refiner]));
  const found = (await findModels(modelDir)).map(({ entry }) => entry);
  return [...models, ...found.filter(({ base }) => !configured.has(base))];
}

/** What a model's files look like from outside: their sizes and times. The files that its card names are not among them. */
export async function signatureOf({ base, refiner, vae }: ModelEntry): Promise<string> {
  const card = base.endsWith(ENDING) ? [`${base.slice(0, -ENDING.length)}.easel.json`] : [];
  const paths = [base, ...card, ...[refiner, vae].filter((path) => typeof path === 'string')];
  return (await Promise.all(paths.map((path) => lookOf(path, 2)))).join('\n');
}

async function modelPaths(folder: string, depth: number): Promise<string[]> {
  const found: string[] = [];
  for (const { path, isFolder } of await listFolder(folder)) {
    if (!isFolder) {
      if (extname(path) === ENDING) found.push(path);
    } else if (await isPipeline(path)) found.push(path);
    else if (depth < MAX_DEPTH) found.push(...(await modelPaths(path, depth + 1)));
  }
  return found;
}

function isPipeline(folder: string): Promise<boolean> {
  return stat(join(folder, 'model_index.json')).then(
    (status) => status.isFile(),
    () => false,
  );
}

/** Links are followed: people keep models on other disks. What has gone meanwhile is left out. */
async function listFolder(folder: string): Promise<readonly { path: string; isFolder: boolean }[]> {
  const names = await readdir(folder).catch(() => []);
  const listed = names
    .filter((name) => !name.startsWith('.'))
    .slice(0, MAX_FILES)
    .map(async (name) => {
      const path = join(folder, name);
      const status = await stat(path).catch(() => null);
      return status === null ? [] : [{ path, isFolder: status.isDirectory() }];
    });
  return (await Promise.all(listed)).flat();
}

async function lookOf(path: string, depth: number): Promise<string> {
  const status = await stat(path).catch(() => null);
  if (status === null) return `${path} -`;
  if (!status.isDirectory()) return `${path} ${status.size} ${status.mtimeMs}`;
  const inside = depth === 0 ? [] : await listFolder(path);
  return (await Promise.all(inside.map((one) => lookOf(one.path, depth - 1)))).join('\n');
}

/** A name that people can type and that is allowed for a configured model, too. */
function nameOf(path: string): string {
  const plain = basename(path, ENDING).normalize('NFKD').replace(/\p{M}/gu, '');
  return plain.replace(/[^\w.-]+/g, '_').slice(0, 60);
}
