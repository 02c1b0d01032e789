import { access, constants, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CheckpointError } from '../checkpoint/errors.ts';
import { hashFiles } from '../checkpoint/hash.ts';
import type { Weights } from '../checkpoint/weights.ts';
import { readQuantized, writeQuantized } from './file.ts';
import type { QuantizedWeights } from './matrix.ts';
import { partsOf, splitByRounding } from './quantizable.ts';

/** Changes with the layout of the files, so that older ones are made anew. */
const ENDING = '.int8-v2';
const FOLDER = 'int8';
const HASH_DIGITS = 16;

/**
 * A network's weights in 8-bit integers: made once, which takes a minute or two for a full-size UNet, and kept beside
 * the checkpoint, or in the cache folder where that cannot be written. The file's name has the weights' hash: those of a
 * checkpoint that has changed are made anew, and the old ones removed.
 * @param part tells the networks of one file apart: "unet", "vae"
 */
export async function cachedQuantized(weights: Weights, part: string, cacheFolder: string): Promise<QuantizedWeights> {
  const files = [...new Set([...weights.values()].map(({ file }) => file))].sort();
  const [first] = files;
  if (first === undefined) return new Map();
  const hash = await hashFiles(files, join(cacheFolder, 'hashes.json'));
  const prefix = `${basename(first, '.safetensors')}.${part}.`;
  const name = `${prefix}${hash.slice(0, HASH_DIGITS)}${ENDING}`;
  const chosen = splitByRounding(weights, 'int8').rounded;
  const ownFolder = join(cacheFolder, FOLDER);
  for (const folder of [dirname(first), ownFolder]) {
    const found = await readWhole(join(folder, name), chosen);
    if (found !== undefined) return found;
  }
  const folder = (await isWritable(dirname(first))) ? dirname(first) : ownFolder;
  await mkdir(folder, { recursive: true });
  await writeQuantized(chosen, join(folder, name));
  await removeStale(folder, prefix, name);
  return readQuantized(join(folder, name));
}

/** The file's content; undefined where it is missing, cut, or lacks a weight. */
async function readWhole(path: string, wanted: Weights): Promise<QuantizedWeights | undefined> {
  try {
    const found = await readQuantized(path);
    const names = [...wanted].flatMap(([name, stored]) => partsOf(name, stored).map(([part]) => part));
    return names.every((name) => found.has(name)) ? found : undefined;
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** What was made of the same file when it held other weights, or by an older version. */
async function removeStale(folder: string, prefix: string, current: string): Promise<void> {
  const stale = (await readdir(folder)).filter(
    (name) =>
      name.startsWith(prefix) && /^[0-9a-f]{16}\.int8-v\d+$/.test(name.slice(prefix.length)) && name !== current,
  );
  for (const name of stale) await rm(join(folder, name), { force: true });
}
