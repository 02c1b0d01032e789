import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What others of the machine may do with a folder or a file. */
const OTHERS = 0o077;

/** Makes a folder that is for this user only. One that is there already stays as it is. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Whether other users of the machine may come in. Windows has no modes; there a folder has what its parent has. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  return process.platform !== 'win32' && ((await stat(path)).mode & OTHERS) !== 0;
}

/** What came of `closeFolder`. */
export type Closing = 'closed already' | 'closed now' | 'still open';

/** Makes a folder where there is none, and closes one that others may enter: where it is another's, that fails. */
export async function closeFolder(folder: string): Promise<Closing> {
  await makePrivateFolder(folder);
  if (!(await isOpenToOthers(folder))) return 'closed already';
  return chmod(folder, 0o700).then(
    () => 'closed now',
    () => 'still open',
  );
}

/** Takes a folder and all that is in it away from others. */
export async function closeTree(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await closeTree(path);
    else if (entry.isFile()) await chmod(path, 0o600);
  }
}
