/** How much structure a JSON text may have: levels of brackets, and keys in one object. */
export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxKeys: number;
}

/**
 * Parses JSON that may not repeat a key within an object, nor exceed the limits. JSON.parse alone keeps the last of
 * several equal keys, so two readers could see two different files, and spends memory on any depth and number.
 * Keys such as `__proto__` become plain own properties. Throws SyntaxError.
 */
export function parseStrictJson(text: string, limits: JsonLimits): unknown {
  checkStructure(text, limits);
  return JSON.parse(text);
}

/** One pass over the text that looks only at strings and brackets; whatever else is wrong, JSON.parse finds. */
function checkStructure(text: string, { maxDepth, maxKeys }: JsonLimits): void {
  const keysByDepth: Set<string>[] = [];
  for (let position = 0; position < text.length; position++) {
    const character = text[position];
    if (character === '{' || character === '[') {
      if (keysByDepth.length === maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth} levels`);
      keysByDepth.push(new Set());
    } else if (character === '}' || character === ']') {
      keysByDepth.pop();
    } else if (character === '"') {
      const end = endOfString(text, position);
      if (isFollowedByColon(text, end)) {
        const key = String(JSON.parse(text.slice(position, end)));
        const keys = keysByDepth.at(-1);
        if (keys?.has(key)) throw new SyntaxError(`the key ${JSON.stringify(key.slice(0, 120))} appears twice`);
        keys?.add(key);
        if ((keys?.size ?? 0) > maxKeys) throw new SyntaxError(`an object has more than ${maxKeys} keys`);
      }
      position = end - 1;
    }
  }
}

/** The position after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let position = start + 1; position < text.length; position++) {
    if (text[position] === '\\') position++;
    else if (text[position] === '"') return position + 1;
  }
  throw new SyntaxError('a string does not end');
}

function isFollowedByColon(text: string, start: number): boolean {
  let position = start;
  while (text[position] === ' ' || text[position] === '\n' || text[position] === '\t' || text[position] === '\r') {
    position++;
  }
  return text[position] === ':';
}
