import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';

const cacheSchema = z.record(
  z.string(),
  z.object({ bytes: z.number(), modified: z.number(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
);

/** Hashes of files by their paths, each with the size and time of change that it holds for. */
export type HashCache = z.output<typeof cacheSchema>;

/** What of this process is being written, by the cache's path. */
const writing = new Map<string, Promise<void>>();

/** A cache that is missing or damaged is an empty one. */
export async function readHashCache(path: string): Promise<HashCache> {
  try {
    return cacheSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}

/**
 * Adds hashes to a cache, one writer after another, to what others have added by then. Never rejects: a hash that cannot be
 * kept is worked out again, which only takes time. Of two processes that write in the same moment one may lose its own.
 */
export function addToHashCache(path: string, added: HashCache): Promise<void> {
  const key = resolve(path);
  const before = writing.get(key) ?? Promise.resolve();
  const written = before.then(() => merge(path, added)).catch(() => undefined);
  writing.set(key, written);
  return written.finally(() => {
    if (writing.get(key) === written) writing.delete(key);
  });
}

/** Written beside under a name of its own and renamed, so that a reader never sees half a file. */
async function merge(path: string, added: HashCache): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, JSON.stringify({ ...(await readHashCache(path)), ...added }, null, 1));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
