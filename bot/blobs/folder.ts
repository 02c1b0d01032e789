import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobKey } from '../../commands/ids.ts';
import { type Blobs, blobKeyOf, MissingBlobError, verified } from './blobs.ts';

/** Nothing takes this long to write. */
const ABANDONED_MS = 3_600_000;

/**
 * Blobs as files, in folders by their keys' first two digits. A file appears whole or not at all: it is written beside,
 * flushed, and renamed.
 */
export async function folderBlobs(folder: string): Promise<Blobs> {
  const unfinished = join(folder, 'unfinished');
  await mkdir(unfinished, { recursive: true });
  await removeAbandoned(unfinished);
  const folderOf = (key: BlobKey): string => join(folder, key.slice(0, 2));

  return {
    async put(bytes) {
      const key = blobKeyOf(bytes);
      const temporary = join(unfinished, randomUUID());
      try {
        const file = await open(temporary, 'wx');
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await mkdir(folderOf(key), { recursive: true });
        await rename(temporary, join(folderOf(key), key));
        await syncFolder(folderOf(key));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      return key;
    },

    async get(key) {
      let bytes: Uint8Array;
      try {
        bytes = await readFile(join(folderOf(key), key));
      } catch (error) {
        if (isMissing(error)) throw new MissingBlobError(key, 'is gone');
        throw error;
      }
      return verified(key, bytes);
    },

    async remove(key) {
      await rm(join(folderOf(key), key), { force: true });
    },
  };
}

/** Removes what a killed process left behind; what is younger may be another's that is writing it now. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now());
    if (age > ABANDONED_MS) await rm(path, { force: true });
  }
}

/** The new name is as safe as the bytes only when its folder has been flushed too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
