import { mkdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { HubConfig } from '../../config/index.ts';
import { chooseFiles, type PullPlan } from './choose-files.ts';
import { download } from './download.ts';
import { fileUrl, HubError, type HubRepository, readRepository } from './hub.ts';

/** What a person asked to pull. */
export interface PullWish {
  /** `OWNER/NAME`. */
  readonly repository: string;
  readonly file: string | undefined;
  readonly revision: string;
  /** Preferred precision; null: full. */
  readonly variant: string | null;
}

/** What was pulled. */
export interface Pulled {
  /** The diffusers folder or the single file. */
  readonly path: string;
  readonly bytes: number;
  readonly licence: string | null;
}

/** Large files share the line; more of them at once only make each slower. */
const AT_ONCE = 3;
/** Left free on the disk. */
const SPARE_BYTES = 100_000_000;
/** Hidden from whoever looks for models until the last file is there. */
const STAGING = '.pull';

/**
 * Brings a model into a folder: all of it, checked, or nothing under its name. An interrupted pull goes on where it was.
 * Rejects with a HubError, with the file system's error, or with the signal's reason.
 */
export async function pull(
  wish: PullWish,
  folder: string,
  hub: HubConfig,
  options: {
    readonly signal: AbortSignal;
    readonly onBytes: (done: number, total: number) => void;
    /** Where it may be kept in the end: what is there under its name is not pulled again. */
    readonly alsoIn?: readonly string[];
  },
): Promise<Pulled> {
  const { signal, onBytes, alsoIn = [] } = options;
  const repository = await readRepository(hub, wish.repository, wish.revision, signal);
  const plan = chooseFiles(repository, wish.file, wish.variant);
  const bytes = plan.files.reduce((sum, file) => sum + file.bytes, 0);
  const name = plan.layout === 'folder' ? basename(repository.name) : basename(plan.files[0]?.path ?? '');
  const path = join(folder, name);
  for (const known of [path, ...alsoIn.map((other) => join(other, name))]) {
    if (await isThere(known)) throw new HubError(`${known} is there already: remove or rename it to pull it again.`);
  }
  const staging = join(folder, STAGING, `${repository.name.replaceAll('/', '--')}@${repository.commit.slice(0, 12)}`);
  await mkdir(staging, { recursive: true });
  await requireSpace(folder, bytes - (await bytesIn(staging, plan)));
  await fetchAll(repository, plan, staging, hub, signal, (done) => onBytes(done, bytes));
  await writeCard(plan, staging, name, repository.licence);
  await publish(plan, staging, folder, name);
  return { path, bytes, licence: repository.licence };
}

async function fetchAll(
  repository: HubRepository,
  { files }: PullPlan,
  staging: string,
  hub: HubConfig,
  signal: AbortSignal,
  onBytes: (done: number) => void,
): Promise<void> {
  const done = new Map<string, number>();
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const waiting = [...files].sort((a, b) => b.bytes - a.bytes);
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { path } = file;
      const told = (bytesDone: number): void => {
        done.set(path, bytesDone);
        onBytes([...done.values()].reduce((sum, each) => sum + each, 0));
      };
      const target = within(staging, path);
      const url = fileUrl(hub, repository, path);
      await download({ url, file, repository: repository.name, target, onBytes: told }, hub, either);
    }
  };
  const workers = Array.from({ length: AT_ONCE }, () =>
    worker().catch((error: unknown) => {
      // One that fails stops the others; the first reason is the one that counts.
      failure.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  either.throwIfAborted();
}

/** Where a file goes; a name that leads out of the folder is refused, wherever it came from. */
function within(folder: string, path: string): string {
  const target = resolve(folder, path);
  if (!target.startsWith(`${resolve(folder)}${sep}`)) throw new HubError(`${path} leads out of the folder.`);
  return target;
}

/** The licence that the hub knows travels with the model, unless the model has a card of its own. */
async function writeCard(plan: PullPlan, staging: string, name: string, licence: string | null): Promise<void> {
  const hasCard = plan.files.some(({ path }) => path === 'easel.json');
  if (licence === null || hasCard) return;
  const card = plan.layout === 'folder' ? 'easel.json' : cardNameOf(name);
  await writeFile(join(staging, card), `${JSON.stringify({ licence }, null, 2)}\n`);
}

async function publish({ layout, files }: PullPlan, staging: string, folder: string, name: string): Promise<void> {
  if (layout === 'folder') {
    await rename(staging, join(folder, name));
  } else {
    const card = join(staging, cardNameOf(name));
    if (await isThere(card)) await rename(card, join(folder, cardNameOf(name)));
    await rename(join(staging, files[0]?.path ?? ''), join(folder, name));
    await rm(staging, { recursive: true });
  }
}

function cardNameOf(file: string): string {
  return file.replace(/\.safetensors$/, '.easel.json');
}

async function requireSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed + SPARE_BYTES) return;
  throw new HubError(`${folder} has ${gigabytes(free)} free, but ${gigabytes(needed)} are to come: make room first.`);
}

async function bytesIn(staging: string, { files }: PullPlan): Promise<number> {
  const sizes = files.flatMap(({ path }) => [path, `${path}.part`]).map((path) => sizeOf(join(staging, path)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
