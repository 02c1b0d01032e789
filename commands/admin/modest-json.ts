const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * Whether a text, if it is JSON, nests no deeper and has no more values than that. Asked before a stranger's file is parsed:
 * to parse and judge millions of values takes seconds.
 */
export function isModestJson(text: string, most: { readonly depth: number; readonly items: number }): boolean {
  let [depth, items, isText] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (isText && sign === BACKSLASH) at++;
    else if (sign === QUOTE) isText = !isText;
    else if (isText) continue;
    else if (OPENING.has(sign)) [depth, items] = [depth + 1, items + 1];
    else if (CLOSING.has(sign)) depth--;
    else if (sign === COMMA) items++;
    if (depth > most.depth || items > most.items) return false;
  }
  return true;
}
