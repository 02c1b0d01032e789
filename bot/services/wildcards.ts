import { readFile, stat } from 'node:fs/promises';
import type { WildcardService } from '../../commands/services.ts';
import { listNames } from '../extras/list-names.ts';
import { rememberedFor } from './remembered.ts';

/** A list of hundreds of thousands of lines; more is no list of words. */
const MAX_BYTES = 10_000_000;
/** How long a file that was added stays unknown. */
const KEEP_MS = 5_000;

/** The text files below a folder, a line an entry; `nature/trees.txt` is `nature/trees`. */
export function createWildcardService(folder: string): WildcardService {
  const files = rememberedFor(KEEP_MS, () => listNames(folder, '.txt'));
  const read = new Map<string, { readonly modified: number; readonly lines: readonly string[] }>();
  return {
    names: async () => (await files()).map(({ name }) => name),
    async lines(name) {
      // Only what was found in the folder: a name with dots leads nowhere else.
      const path = (await files()).find((file) => file.name === name)?.path;
      const status = path === undefined ? null : await stat(path).catch(() => null);
      if (path === undefined || status === null || status.size > MAX_BYTES) return null;
      const known = read.get(name);
      if (known?.modified === status.mtimeMs) return known.lines;
      const lines = parseLines(await readFile(path, 'utf8'));
      read.set(name, { modified: status.mtimeMs, lines });
      return lines;
    },
  };
}

/** Lines that begin with # are comments. */
function parseLines(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
