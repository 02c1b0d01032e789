/**
 * Finds blocked words in prompts. Text and entries are compared without case, accents and invisible characters; an entry
 * matches whole words, and `*` in it stands for any run of letters and digits. Matching takes time linear in the text: an
 * admin's entry is never run as a regular expression of its own.
 */
export function findBlocked(text: string, entries: readonly string[]): string | null {
  const words = wordsOf(text);
  const distinct = new Set(words);
  return entries.find((entry) => contains(words, distinct, entryWords(entry))) ?? null;
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

/** Most entries are one plain word, and a prompt may have two thousand: that word is looked up rather than searched for. */
function contains(words: readonly string[], distinct: ReadonlySet<string>, entry: readonly string[]): boolean {
  if (entry.length === 0) return false;
  if (entry.some((part) => !part.includes('*') && !distinct.has(part))) return false;
  const patterns = entry.map((part) => part.split('*'));
  return words.some((_, start) => patterns.every((pieces, index) => matches(words[start + index], pieces)));
}

/** Wildcard match by pieces from left to right, each at its first place: enough where `*` may match anything. */
function matches(word: string | undefined, pieces: readonly string[]): boolean {
  if (word === undefined) return false;
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
