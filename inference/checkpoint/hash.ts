import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CheckpointError } from './errors.ts';
import { addToHashCache, type HashCache, readHashCache } from './hash-cache.ts';
import { openCheckpoint } from './open.ts';

/**
 * What identifies a model's weights: for a single file, its SHA-256 (as model sites give it); for a folder, the SHA-256
 * over those of its parts' files. Reading gigabytes takes a while, so the files' hashes are kept in the JSON file
 * `cachePath`, for as long as their size and time of change stay the same. Throws CheckpointError.
 */
export async function hashModel(path: string, cachePath: string, variant?: string): Promise<string> {
  return hashFiles(await weightFiles(path, variant), cachePath);
}

/** The SHA-256 of a file, or of several over their own, in their order; kept as `hashModel` says. */
export async function hashFiles(files: readonly string[], cachePath: string): Promise<string> {
  const cache = await readHashCache(cachePath);
  const added: HashCache = {};
  const hashes: string[] = [];
  for (const file of files) {
    const { size: bytes, mtimeMs: modified } = await stat(file);
    const known = Object.hasOwn(cache, file) ? cache[file] : undefined;
    if (known?.bytes === bytes && known.modified === modified) hashes.push(known.sha256);
    else {
      const sha256 = await hashFile(file);
      added[file] = { bytes, modified, sha256 };
      hashes.push(sha256);
    }
  }
  if (Object.keys(added).length > 0) await addToHashCache(cachePath, added);
  const [only] = hashes;
  return only !== undefined && hashes.length === 1
    ? only
    : createHash('sha256').update(hashes.join('\n')).digest('hex');
}

/** The files that hold the weights, each once, in the order of the parts. */
async function weightFiles(path: string, variant: string | undefined): Promise<readonly string[]> {
  const status = await stat(path).catch((error) => {
    throw new CheckpointError(path, 'there is no such file or folder', { cause: error });
  });
  if (!status.isDirectory()) return [path];
  const checkpoint = await openCheckpoint(path, variant === undefined ? {} : { variant });
  const parts = [checkpoint.unet, checkpoint.vae, checkpoint.textEncoder2];
  if (checkpoint.kind === 'base') parts.push(checkpoint.textEncoder);
  return [...new Set(parts.flatMap(({ weights }) => [...weights.values()].map(({ file }) => file)))];
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
