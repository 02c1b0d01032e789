import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseError } from './database.ts';

/** A lock file with our own number may be of a killed process that had it before us: only this tells. */
const heldHere = new Set<string>();

/**
 * Takes a folder for this process alone, and once; the returned function gives it back. What a process that was killed left
 * behind does not count. Rejects with a `DatabaseError` where somebody has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(resolve(folder), 'lock');
  if (heldHere.has(path)) throw inUse(folder, process.pid);
  heldHere.add(path);
  try {
    while (!(await tryToLock(path))) {
      const owner = Number(await readFile(path, 'utf8').catch(() => ''));
      if (isAlive(owner)) throw inUse(folder, owner);
      await rm(path, { force: true });
    }
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    heldHere.delete(path);
  };
}

/** Links a file that is written already, so that nobody ever reads a lock without its owner. */
async function tryToLock(path: string): Promise<boolean> {
  const own = `${path}.${process.pid}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** In a container a new process often has the number that the killed one had: our own number is nobody else's. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user lives, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function inUse(folder: string, pid: number): DatabaseError {
  return new DatabaseError(
    `${folder} is in use by another Easel (process ${pid}): stop that one, or set DATA_DIR to another folder.`,
  );
}
