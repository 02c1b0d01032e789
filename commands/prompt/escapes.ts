/** The signs of permutations and wildcards; a backslash before any other sign is the prompt weights' own. */
const ESCAPED = /\\([\s\S])/g;
const SIGNS = '{|}_';

/** The text with its escapes read: `\{` is `{`. To be called last, when nothing looks for braces any more. */
export function unescapeSigns(text: string): string {
  return text.replace(ESCAPED, (pair, sign: string) => (SIGNS.includes(sign) ? sign : pair));
}

/** The text that stands for this one when a prompt is read: what looks like braces or wildcards is escaped. */
export function escapeSigns(text: string): string {
  if (!/\{|__/.test(text)) return text;
  return text.replace(/\\[^{|}_]|[{|}]|__/g, (found) => (found.startsWith('\\') ? found : `\\${found}`));
}
