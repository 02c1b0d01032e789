/*
 * Words that change while a picture is drawn, as in the AUTOMATIC1111 web UI: `[cat:dog:0.4]` is a cat for 0.4 of the steps and
 * then a dog, `[cat:10]` comes after 10 steps, `[cat::10]` goes after them, and `[cat|dog]` changes at each step. They nest.
 * Brackets that hold neither weigh less, as ever. A backslash before a bracket makes it plain.
 */

type Node =
  | string
  | { readonly kind: 'edit'; readonly before: readonly Node[]; readonly after: readonly Node[]; readonly when: When }
  | { readonly kind: 'alternate'; readonly options: readonly (readonly Node[])[] };

/** After so many steps, or so much of all of them. */
type When = { readonly steps: number } | { readonly share: number };

/** A bracket that is open: what it holds so far, cut at its own colons and bars. */
interface Frame {
  readonly sign: '[' | '(' | '';
  readonly parts: Node[][];
  readonly cuts: (':' | '|')[];
}

/** The prompt that is read at a step, counted from 1. */
export function promptAt(prompt: string, step: number, steps: number): string {
  return textAt(parse(prompt), step, steps);
}

/** The prompts of all steps, in their order: one where nothing changes. */
export function promptsOfSteps(prompt: string, steps: number): readonly string[] {
  const nodes = parse(prompt);
  if (nodes.every((node) => typeof node === 'string')) return [prompt];
  return Array.from({ length: steps }, (_, index) => textAt(nodes, index + 1, steps));
}

function textAt(nodes: readonly Node[], step: number, steps: number): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      if (node.kind === 'alternate') return textAt(node.options[(step - 1) % node.options.length] ?? [], step, steps);
      const { when, before, after } = node;
      const last = 'share' in when ? Math.trunc(when.share * steps) : when.steps;
      return textAt(step <= last ? before : after, step, steps);
    })
    .join('');
}

const SIGN = /\\[\s\S]|[[\]():|]|[^\\[\]():|]+|\\/g;

function parse(prompt: string): readonly Node[] {
  if (!prompt.includes('[')) return [prompt];
  const open: Frame[] = [{ sign: '', parts: [[]], cuts: [] }];
  const add = (...nodes: Node[]): void =>
    void open
      .at(-1)
      ?.parts.at(-1)
      ?.push(...nodes);
  /** Takes the innermost bracket away; without its end it is text. */
  const close = (end: string): void => {
    const frame = open.pop();
    if (frame !== undefined) add(...((end === ']' && frame.sign === '[' && meaningOf(frame)) || plain(frame, end)));
  };
  for (const [sign] of prompt.matchAll(SIGN)) {
    const top = open.at(-1);
    if (sign === '[' || sign === '(') open.push({ sign, parts: [[]], cuts: [] });
    else if ((sign === ':' || sign === '|') && top?.sign === '[') {
      top.cuts.push(sign);
      top.parts.push([]);
    } else if (sign === ')' && top?.sign === '(') close(')');
    else if (sign === ']' && open.some((frame) => frame.sign === '[')) {
      // Round brackets may cross square ones, which is no matter of steps.
      while (open.at(-1)?.sign === '(') close('');
      close(']');
    } else add(sign);
  }
  while (open.length > 1) close('');
  return joined(open[0]?.parts[0] ?? []);
}

/** What a square bracket means for steps; undefined: nothing. */
function meaningOf({ parts, cuts }: Frame): readonly Node[] | undefined {
  const [first = [], second = []] = parts;
  if (cuts.length > 0 && cuts.every((cut) => cut === '|')) return [{ kind: 'alternate', options: parts.map(joined) }];
  if (cuts.length < 1 || cuts.length > 2 || cuts.includes('|')) return undefined;
  const when = readWhen(parts.at(-1) ?? []);
  if (when === undefined) return undefined;
  const [before, after] = cuts.length === 1 ? [[], first] : [first, second];
  return [{ kind: 'edit', before: joined(before), after: joined(after), when }];
}

function readWhen(nodes: readonly Node[]): When | undefined {
  const [text, ...more] = joined(nodes);
  if (typeof text !== 'string' || more.length > 0 || !/^\s*(\d+\.?\d*|\.\d+)\s*$/.test(text)) return undefined;
  return text.includes('.') ? { share: Number(text) } : { steps: Number(text) };
}

function plain({ sign, parts, cuts }: Frame, end: string): readonly Node[] {
  return joined([
    sign,
    ...parts.flatMap((part, index) => (index === 0 ? part : [cuts[index - 1] ?? '', ...part])),
    end,
  ]);
}

/** The same with neighbouring texts joined. */
function joined(nodes: readonly Node[]): readonly Node[] {
  const result: Node[] = [];
  let text: string[] = [];
  const flush = (): void => {
    if (text.length > 0) result.push(text.join(''));
    text = [];
  };
  for (const node of nodes) {
    if (typeof node === 'string') {
      if (node !== '') text.push(node);
    } else {
      flush();
      result.push(node);
    }
  }
  flush();
  return result;
}
