/*
 * `{a|b}` in a prompt asks for one picture with a and one with b; braces nest, and several multiply. Braces without a bar,
 * or without a partner, are text. A backslash makes a sign plain: see `escapes.ts`, which takes it away at the end.
 */

/** A choice between texts that may hold choices themselves. */
type Part = string | { readonly options: readonly (readonly Part[])[] };

/** How many prompts a text stands for: at least one. Takes time in proportion to the text, however many it is. */
export function countPermutations(text: string): number {
  return countOf(parse(text));
}

/** All prompts that a text stands for; the first choice changes slowest. Ask `countPermutations` before. */
export function permutations(text: string): readonly string[] {
  return expand(parse(text));
}

/** One of the prompts that a text stands for: `choose` picks one of so many at each brace. */
export function pickPermutation(text: string, choose: (count: number) => number): string {
  const pick = (parts: readonly Part[]): string =>
    parts
      .map((part) => (typeof part === 'string' ? part : pick(part.options[choose(part.options.length)] ?? [])))
      .join('');
  return pick(parse(text));
}

function countOf(parts: readonly Part[]): number {
  return parts.reduce(
    (product, part) =>
      typeof part === 'string' ? product : product * part.options.reduce((sum, option) => sum + countOf(option), 0),
    1,
  );
}

function expand(parts: readonly Part[]): readonly string[] {
  return parts.reduce<readonly string[]>(
    (before, part) => {
      const texts = typeof part === 'string' ? [part] : part.options.flatMap(expand);
      return before.flatMap((start) => texts.map((text) => start + text));
    },
    [''],
  );
}

/** A pair of braces with bars of its own: where its options end. */
interface Braces {
  readonly close: number;
  readonly bars: readonly number[];
}

function parse(text: string): readonly Part[] {
  return parseBetween(text, 0, text.length, matchBraces(text));
}

function matchBraces(text: string): ReadonlyMap<number, Braces> {
  const matched = new Map<number, Braces>();
  const open: { at: number; bars: number[] }[] = [];
  for (const { 0: sign, index } of text.matchAll(/\\[\s\S]|[{|}]/g)) {
    if (sign === '{') open.push({ at: index, bars: [] });
    else if (sign === '|') open.at(-1)?.bars.push(index);
    else if (sign === '}') {
      const { at, bars } = open.pop() ?? { at: 0, bars: [] };
      if (bars.length > 0) matched.set(at, { close: index, bars });
    }
  }
  return matched;
}

function parseBetween(text: string, from: number, to: number, matched: ReadonlyMap<number, Braces>): readonly Part[] {
  const parts: Part[] = [];
  let start = from;
  for (let at = from; at < to; at++) {
    const braces = matched.get(at);
    if (braces === undefined) continue;
    const { close, bars } = braces;
    const options = [...bars, close].map((end, index) =>
      parseBetween(text, (index === 0 ? at : (bars[index - 1] ?? at)) + 1, end, matched),
    );
    parts.push(text.slice(start, at), { options });
    start = close + 1;
    at = close;
  }
  return [...parts, text.slice(start, to)];
}
