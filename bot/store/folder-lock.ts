import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseError } from './database.ts';

/**
 * Takes a folder for this process alone; the returned function gives it back. What a process that was killed left behind
 * does not count. Rejects with a `DatabaseError` where a living process has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (isAlive(owner)) {
      throw new DatabaseError(
        `${folder} is in use by another Easel (process ${owner}): stop that one, or set DATA_DIR to another folder.`,
      );
    }
    await rm(path, { force: true });
  }
}

/** In a container a new process often has the number that the killed one had: its own number is nobody else's. */
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
