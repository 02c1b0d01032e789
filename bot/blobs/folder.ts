import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobKey, blobKeySchema } from '../../commands/ids.ts';
import { type Blobs, blobKeyOf, MissingBlobError, type StoredBlob, verified } from './blobs.ts';

/** Nothing takes this long to write. */
const ABANDONED_MS = 3_600_000;

const PREFIX = /^[0-9a-f]{2}$/;

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
      const key = await blobKeyOf(bytes);
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

    async removeOlder(key, moment) {
      const path = join(folderOf(key), key);
      if (!(await isOlder(path, moment))) return false;
      // Taken aside before it is looked at for the last time: bytes that are stored meanwhile are not removed.
      const aside = join(unfinished, randomUUID());
      try {
        await rename(path, aside);
      } catch (error) {
        if (isMissing(error)) return true;
        throw error;
      }
      const isRemoved = await isOlder(aside, moment);
      if (isRemoved) await rm(aside, { force: true });
      else await rename(aside, path);
      return isRemoved;
    },

    async list(after, limit) {
      const found: StoredBlob[] = [];
      const prefixes = (await readdir(folder)).filter((name) => PREFIX.test(name)).sort();
      for (const prefix of prefixes) {
        if (after !== null && prefix < after.slice(0, 2)) continue;
        const names = (await readdir(join(folder, prefix))).sort();
        for (const name of names) {
          const key = blobKeySchema.safeParse(name);
          if (!key.success || (after !== null && name <= after)) continue;
          const stored = await stat(join(folder, prefix, name)).catch(() => null);
          if (stored !== null) found.push({ key: key.data, storedAt: stored.mtime });
          if (found.length === limit) return found;
        }
      }
      return found;
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

async function isOlder(path: string, moment: Date): Promise<boolean> {
  const stored = await stat(path).catch(() => null);
  return stored === null || stored.mtime < moment;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
