/** What stands for the part of a name that is left out. */
const CUT = '…';
/** So much of a name's beginning is kept that a person recognises it. */
const MIN_HEAD = 6;
const MAX_TAIL = 40;

/**
 * A name in at most `maxLength` characters, for where a platform takes no more: its beginning and, where others begin like
 * it, its end. null: no other text stands for this name alone.
 */
export function cutName(name: string, maxLength: number, all: readonly string[]): string | null {
  if (name.length <= maxLength) return name;
  for (let tail = 0; tail <= Math.min(MAX_TAIL, maxLength - MIN_HEAD - CUT.length); tail++) {
    const cut = name.slice(0, maxLength - tail - CUT.length) + CUT + name.slice(name.length - tail);
    if (all.filter((other) => isCutOf(cut, other)).length === 1) return cut;
  }
  return null;
}

/** The one name that is meant by a name which was cut; undefined: none, or several. */
export function findCut<Named extends { readonly name: string }>(
  text: string,
  all: readonly Named[],
): Named | undefined {
  const meant = all.filter(({ name }) => isCutOf(text, name));
  return meant.length === 1 ? meant[0] : undefined;
}

function isCutOf(text: string, name: string): boolean {
  const at = text.indexOf(CUT);
  if (at < 0) return false;
  const [head, tail] = [text.slice(0, at), text.slice(at + CUT.length)].map((part) => part.toLowerCase());
  const lower = name.toLowerCase();
  return lower.length > text.length - CUT.length && lower.startsWith(head ?? '') && lower.endsWith(tail ?? '');
}
