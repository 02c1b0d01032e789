import { createHash } from 'node:crypto';
import type { Messages } from '../locale/index.ts';
import { nearest } from '../nearest.ts';
import { UserError } from '../request.ts';
import type { WildcardService } from '../services.ts';
import { pickPermutation } from './permutations.ts';

/** Lines that one prompt may take from files: files that name each other would go on for ever. */
const MAX_PICKS = 100;

/** `__animal__`, `__nature/trees__`; an escaped sign and a LoRA's name are passed over. */
const WILDCARD = /\\[\s\S]|<(?:lora|lyco):[^<>]*>|__((?:(?!__)[\p{L}\p{N}_./-])+)__/gu;

/**
 * The prompt with a line of its file for each `__name__`, chosen by the seed: the same seed and files give the same. A line
 * may hold wildcards and braces itself, of which one option is taken. Throws a `UserError` for a file that is not there.
 */
export async function pickWildcards(
  text: string,
  seed: number,
  wildcards: WildcardService,
  messages: Messages,
): Promise<string> {
  let picks = 0;
  const choose = chooser(seed);
  const resolve = async (part: string): Promise<string> => {
    let result = '';
    let end = 0;
    for (const match of part.matchAll(WILDCARD)) {
      const [whole, name] = match;
      if (name === undefined) continue;
      picks += 1;
      if (picks > MAX_PICKS) throw new UserError('endless_wildcards', messages.prompts.endlessWildcards(name));
      const lines = await linesOf(name, wildcards, messages);
      const line = lines[choose(lines.length)] ?? '';
      result += part.slice(end, match.index) + (await resolve(pickPermutation(line, choose)));
      end = match.index + whole.length;
    }
    return result + part.slice(end);
  };
  return resolve(text);
}

async function linesOf(name: string, wildcards: WildcardService, messages: Messages): Promise<readonly string[]> {
  const lines = await wildcards.lines(name);
  if (lines !== null && lines.length > 0) return lines;
  const near = nearest(name, await wildcards.names());
  throw new UserError('unknown_wildcard', messages.prompts.unknownWildcard(name, near));
}

/** Choices that depend on the seed alone: the n-th is by the hash of the seed and n. */
function chooser(seed: number): (count: number) => number {
  let choices = 0;
  return (count) => {
    const digest = createHash('sha256').update(`${seed} ${choices++}`).digest();
    return digest.readUIntBE(0, 6) % count;
  };
}
