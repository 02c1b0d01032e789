import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WildcardService } from '../../commands/services.ts';
import { rememberedFor } from './remembered.ts';

const ENDING = '.txt';
/** A list of hundreds of thousands of lines; more is no list of words. */
const MAX_BYTES = 10_000_000;
/** How long a file that was added stays unknown. */
const KEEP_MS = 5_000;

/** The text files below a folder, a line an entry; `nature/trees.txt` is `nature/trees`. A folder that is not there is empty. */
export function createWildcardService(folder: string): WildcardService {
  const names = rememberedFor(KEEP_MS, () => listNames(folder));
  const read = new Map<string, { readonly modified: number; readonly lines: readonly string[] }>();
  return {
    names,
    async lines(name) {
      // Only what was found in the folder: a name with dots leads nowhere else.
      if (!(await names()).includes(name)) return null;
      const path = join(folder, `${name}${ENDING}`);
      const status = await stat(path).catch(() => null);
      if (status === null || status.size > MAX_BYTES) return null;
      const known = read.get(name);
      if (known?.modified === status.mtimeMs) return known.lines;
      const lines = parseLines(await readFile(path, 'utf8'));
      read.set(name, { modified: status.mtimeMs, lines });
      return lines;
    },
  };
}

async function listNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith(ENDING))
    .map((entry) => entry.slice(0, -ENDING.length).replaceAll('\\', '/'))
    .sort();
}

/** Lines that begin with # are comments. */
function parseLines(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
