/**
 * Finds blocked words in prompts. Text and entries are compared without case, accents and invisible characters; an entry
 * matches whole words, and `*` in it stands for any run of letters and digits. Matching takes time linear in the text: an
 * admin's entry is never run as a regular expression of its own.
 */
export function findBlocked(text: string, entries: readonly string[]): string | null {
  return findBlockedIn([text], entries);
}

/** The first entry that one of these texts contains, or null. What several texts have in common is looked at once. */
export function findBlockedIn(texts: readonly string[], entries: readonly string[]): string | null {
  const worded = [...new Set(texts)].map(wordsOf);
  const distinct = new Set(worded.flat());
  const all = [...distinct].join(' ');
  return entries.find((entry) => contains(worded, distinct, all, entryWords(entry))) ?? null;
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

/**
 * Most entries are one plain word, and prompts may have thousands: that word is looked up rather than searched for. What
 * none of the words can match is known before their order is looked at.
 */
function contains(
  texts: readonly (readonly string[])[],
  distinct: ReadonlySet<string>,
  all: string,
  entry: readonly string[],
): boolean {
  if (entry.length === 0) return false;
  const matching: ReadonlySet<string>[] = [];
  for (const part of entry) {
    const pieces = part.split('*');
    if (!pieces.every((piece) => all.includes(piece))) return false;
    const words =
      pieces.length === 1
        ? [part].filter((word) => distinct.has(word))
        : [...distinct].filter((word) => matches(word, pieces));
    if (words.length === 0) return false;
    matching.push(new Set(words));
  }
  if (matching.length === 1) return true;
  return texts.some((words) =>
    words.some((_, start) => matching.every((set, index) => set.has(words[start + index] ?? ''))),
  );
}

/** Wildcard match by pieces from left to right, each at its first place: enough where `*` may match anything. */
function matches(word: string, pieces: readonly string[]): boolean {
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  if (!word.startsWith(first) || !word.endsWith(last) || word.length < first.length + last.length) return false;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = word.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return from <= word.length - last.length;
}
