import { open } from 'node:fs/promises';
import { CheckpointError } from './errors.ts';

/** The most that a JSON file of a model may be long: CLIP's tokenizer.json has 3.6 MB, a shard index 0.3 MB. */
const MAX_JSON_BYTES = 32_000_000;

/** What may begin a string, and the numbers that Python's json writes and JSON does not have. */
const QUOTE_OR_NON_FINITE = /"|-?Infinity|NaN/g;

/**
 * Reads a JSON file of a model folder; Python's infinities, which diffusers writes for "no limit", become null. Throws
 * CheckpointError if it is missing, too long or not JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  try {
    const text = await readTextFile(path);
    return parseWithNonFinite(text);
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(path, 'is not sound JSON', { cause: error });
  }
}

/** Most files are plain JSON; only what is not is looked through, once from its beginning to its end. */
function parseWithNonFinite(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(withoutNonFinite(text));
  }
}

/** The text with `null` for Python's infinities, strings left alone. Takes time in proportion to its length. */
function withoutNonFinite(text: string): string {
  const parts: string[] = [];
  let kept = 0;
  for (let match = find(text, 0); match !== null; match = find(text, kept)) {
    parts.push(text.slice(kept, match.index));
    const end = match[0] === '"' ? endOfString(text, match.index) : match.index + match[0].length;
    parts.push(match[0] === '"' ? text.slice(match.index, end) : 'null');
    kept = end;
  }
  return [...parts, text.slice(kept)].join('');
}

function find(text: string, from: number): RegExpExecArray | null {
  QUOTE_OR_NON_FINITE.lastIndex = from;
  return QUOTE_OR_NON_FINITE.exec(text);
}

/** Where the string that begins here ends; the text's end where it never does. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** Reads a text file of a model folder. Throws CheckpointError if it is missing or too long. */
export async function readTextFile(path: string): Promise<string> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      if (size > MAX_JSON_BYTES)
        throw new CheckpointError(path, `has ${size} bytes; at most ${MAX_JSON_BYTES} are read`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CheckpointError(path, `cannot be read (${reason})`, { cause: error });
  }
}
