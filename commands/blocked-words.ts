/**
 * Finds blocked words in prompts. Text and entries are compared without case, accents and invisible characters; an entry
 * matches whole words, and `*` in it stands for any run of letters and digits. Matching takes time linear in the text: an
 * admin's entry is never run as a regular expression of its own.
 */
export function findBlocked(text: string, entries: readonly string[]): string | null {
  const words = wordsOf(text);
  return entries.find((entry) => contains(words, entryWords(entry))) ?? null;
}

const wordPattern = /[\p{L}\p{N}]+/gu;
const entryWordPattern = /[\p{L}\p{N}*]+/gu;

function wordsOf(text: string): readonly string[] {
  return simplified(text).match(wordPattern) ?? [];
}

function entryWords(entry: string): readonly string[] {
  return simplified(entry).match(entryWordPattern) ?? [];
}

function simplified(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase();
}

function contains(words: readonly string[], entry: readonly string[]): boolean {
  if (entry.length === 0) return false;
  return words.some((_, start) => entry.every((part, index) => matches(words[start + index], part)));
}

/** Wildcard match by pieces from left to right, each at its first place: enough where `*` may match anything. */
function matches(word: string | undefined, pattern: string): boolean {
  if (word === undefined) return false;
  const pieces = pattern.split('*');
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  if (pieces.length === 1) return word === first;
  if (!word.startsWith(first) || !word.endsWith(last) || word.length < first.length + last.length) return false;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = word.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return from <= word.length - last.length;
}
