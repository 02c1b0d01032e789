import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface NamedFile {
  /** The path below the folder without its ending, with slashes: `nature/trees`. */
  readonly name: string;
  /** Absolute where the folder is. */
  readonly path: string;
}

/** The files below a folder that end like this, by name; none where there is no such folder. */
export async function listNames(folder: string, ending: string): Promise<readonly NamedFile[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.toLowerCase().endsWith(ending))
    .map((entry) => ({ name: entry.slice(0, -ending.length).replaceAll('\\', '/'), path: join(folder, entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
