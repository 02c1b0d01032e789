/** A run of a prompt's text that has one weight; 1 is plain. */
export interface WeightedText {
  readonly text: string;
  readonly weight: number;
}

/** The texts between two BREAKs, which fill chunks of their own. */
export type PromptSection = readonly WeightedText[];

/** What one pair of brackets without a number multiplies by (round) or divides by (square). */
const EMPHASIS = 1.1;

/** Weights are held within this: far beyond it the text encoder's states are noise, and deep brackets overflow. */
const MAX_WEIGHT = 10;

/**
 * Reads a prompt in the notation of the AUTOMATIC1111 web UI: `(a)` weighs 1.1 times, `[a]` 1.1 times less, `(a:1.3)`
 * 1.3 times; brackets nest and multiply; a backslash makes a bracket plain; a bracket that is never closed reaches to
 * the end, and one that was never opened is text. The word BREAK begins a new section. There is at least one section.
 * Takes time in proportion to the prompt's length.
 */
export function parsePrompt(prompt: string): readonly PromptSection[] {
  const pieces = scan(prompt);
  const sections: WeightedText[][] = [[]];
  for (const { text, weight } of weigh(pieces)) {
    text.split(/\bBREAK\b/).forEach((part, index) => {
      if (index > 0) sections.push([]);
      if (part !== '') append(sections.at(-1), part, weight);
    });
  }
  return sections;
}

/** Text and brackets in order; an opening bracket carries the factor that its closing one settles. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'open'; readonly bracket: Bracket }
  | { readonly kind: 'close'; readonly shape: Bracket['shape'] };

interface Bracket {
  readonly shape: 'round' | 'square';
  factor: number;
}

/** Plain text, an escaped sign, a weight with its closing bracket, or a single sign. */
const PIECE = /[^\\()[\]:]+|\\[\\()[\]]?|:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)|[()[\]:]/g;

function scan(prompt: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const open: Record<Bracket['shape'], Bracket[]> = { round: [], square: [] };
  for (const [sign, number] of prompt.matchAll(PIECE)) {
    const bracket = BRACKETS.get(number === undefined ? sign : ')');
    if (bracket?.opens) {
      const opened = { shape: bracket.shape, factor: bracket.shape === 'round' ? EMPHASIS : 1 / EMPHASIS };
      open[bracket.shape].push(opened);
      pieces.push({ kind: 'open', bracket: opened });
      continue;
    }
    const closed = bracket && open[bracket.shape].pop();
    if (bracket && closed) {
      if (number !== undefined) closed.factor = Number(number);
      pieces.push({ kind: 'close', shape: bracket.shape });
    } else {
      pieces.push({ kind: 'text', text: sign.startsWith('\\') ? sign.slice(1) : sign });
    }
  }
  return pieces;
}

const BRACKETS: ReadonlyMap<string, { readonly shape: Bracket['shape']; readonly opens: boolean }> = new Map([
  ['(', { shape: 'round', opens: true }],
  [')', { shape: 'round', opens: false }],
  ['[', { shape: 'square', opens: true }],
  [']', { shape: 'square', opens: false }],
]);

/** Round and square brackets each nest by themselves, and may cross each other: `(a [b) c]`. */
function weigh(pieces: readonly Piece[]): readonly WeightedText[] {
  const factors = { round: [1], square: [1] };
  const texts: WeightedText[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'open') {
      const stack = factors[piece.bracket.shape];
      stack.push((stack.at(-1) ?? 1) * piece.bracket.factor);
    } else if (piece.kind === 'close') {
      factors[piece.shape].pop();
    } else {
      append(texts, piece.text, clamp((factors.round.at(-1) ?? 1) * (factors.square.at(-1) ?? 1)));
    }
  }
  return texts;
}

/** Adds text, joined to what is before it if that weighs the same. */
function append(texts: WeightedText[] | undefined, text: string, weight: number): void {
  const last = texts?.at(-1);
  if (last?.weight === weight) texts?.splice(-1, 1, { text: last.text + text, weight });
  else texts?.push({ text, weight });
}

function clamp(weight: number): number {
  return Number.isNaN(weight) ? 1 : Math.min(MAX_WEIGHT, Math.max(-MAX_WEIGHT, weight));
}
