import { open } from 'node:fs/promises';
import { CheckpointError } from './errors.ts';

/** The most that a JSON file of a model may be long: CLIP's tokenizer.json has 3.6 MB, a shard index 0.3 MB. */
const MAX_JSON_BYTES = 32_000_000;

/** A JSON string (which is left alone), or one of the numbers that Python's json writes and JSON does not have. */
const STRING_OR_NON_FINITE = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/g;

/**
 * Reads a JSON file of a model folder; Python's infinities, which diffusers writes for "no limit", become null. Throws
 * CheckpointError if it is missing, too long or not JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  try {
    const text = await readTextFile(path);
    return JSON.parse(text.replace(STRING_OR_NON_FINITE, (part) => (part.startsWith('"') ? part : 'null')));
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(path, 'is not sound JSON', { cause: error });
  }
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
