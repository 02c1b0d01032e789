const MAX_NEAR = 5;
/** Nothing has a longer name. */
const MAX_TYPED = 200;

/** The names that somebody may have meant, the likeliest first: those that differ in few letters or contain what was typed. */
export function nearest(typed: string, names: readonly string[]): readonly string[] {
  const wanted = typed.slice(0, MAX_TYPED).toLowerCase();
  const mistakes = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase(), mistakes) }))
    .filter(({ distance }) => distance <= mistakes)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NEAR)
    .map(({ name }) => name);
}

/** Letters to insert, delete or replace (Levenshtein 1965); at most `limit` where one contains the other. */
function distanceOf(a: string, b: string, limit: number): number {
  const isWithin = b.includes(a) || (b.length > 2 && a.includes(b));
  // As many letters as one is longer are missing, at least.
  if (Math.abs(a.length - b.length) > limit) return isWithin ? limit : Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  const distance = row[b.length] ?? 0;
  return isWithin ? Math.min(distance, limit) : distance;
}
