/** Those whose text begins with what is typed, in any case, and after them those that contain it. */
export function matching<Item>(typed: string, all: readonly Item[], textOf: (item: Item) => string): readonly Item[] {
  const wanted = typed.trim().toLowerCase();
  const starts = all.filter((item) => textOf(item).toLowerCase().startsWith(wanted));
  const contains = all.filter((item) => !starts.includes(item) && textOf(item).toLowerCase().includes(wanted));
  return [...starts, ...contains];
}
