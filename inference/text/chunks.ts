import type { PromptSection } from './prompt.ts';
import { encode, type Tokenizer } from './tokenizer.ts';

/** What a text encoder reads at once, always `modelMaxLength` ids, with the weight of each. */
export interface Chunk {
  readonly ids: readonly number[];
  readonly weights: readonly number[];
}

export interface ChunkedPrompt {
  /** At least one. */
  readonly chunks: readonly Chunk[];
  /** Tokens that were left out because they would have needed more chunks than allowed. */
  readonly cutTokens: number;
}

interface WeightedToken {
  readonly id: number;
  readonly weight: number;
}

/** How far back from a full chunk's end to look for a comma to end it at: 20 of SDXL's 75 tokens. */
const BACKTRACK = 20 / 75;

/**
 * Cuts a prompt into chunks that each fit the text encoder, whose outputs are to be joined: a long prompt is read
 * whole. A full chunk ends after a comma where one is near, as in the AUTOMATIC1111 web UI; a section begins a new one.
 * A plain prompt that fits gives one chunk, equal to `tokenize`'s ids.
 */
export function chunkPrompt(
  sections: readonly PromptSection[],
  tokenizer: Tokenizer,
  maxChunks: number = Number.POSITIVE_INFINITY,
): ChunkedPrompt {
  const [comma] = encode(',', tokenizer);
  const parts = sections.flatMap((section) => splitTokens(weightedTokens(section, tokenizer), comma, tokenizer));
  const cut = parts.slice(maxChunks).reduce((sum, part) => sum + part.length, 0);
  return { chunks: parts.slice(0, maxChunks).map((part) => toChunk(part, tokenizer)), cutTokens: cut };
}

/** Adds empty chunks, so that the two encoders, whose outputs go side by side, read as many. */
export function padChunks(chunks: readonly Chunk[], count: number, tokenizer: Tokenizer): readonly Chunk[] {
  return [...chunks, ...Array.from({ length: Math.max(0, count - chunks.length) }, () => toChunk([], tokenizer))];
}

function weightedTokens(section: PromptSection, tokenizer: Tokenizer): readonly WeightedToken[] {
  return section.flatMap(({ text, weight }) => encode(text, tokenizer).map((id) => ({ id, weight })));
}

function splitTokens(
  tokens: readonly WeightedToken[],
  comma: number | undefined,
  tokenizer: Tokenizer,
): readonly (readonly WeightedToken[])[] {
  const room = tokenizer.modelMaxLength - 2;
  const parts: (readonly WeightedToken[])[] = [];
  let start = 0;
  while (tokens.length - start > room) {
    const end = start + room;
    let lastComma = end - 1;
    while (lastComma > end - 1 - room * BACKTRACK && tokens[lastComma]?.id !== comma) lastComma--;
    const isNear = tokens[lastComma]?.id === comma && tokens[end]?.id !== comma;
    const cut = isNear ? lastComma + 1 : end;
    parts.push(tokens.slice(start, cut));
    start = cut;
  }
  return [...parts, tokens.slice(start)];
}

function toChunk(tokens: readonly WeightedToken[], { bosId, eosId, padId, modelMaxLength }: Tokenizer): Chunk {
  const ids = [bosId, ...tokens.map(({ id }) => id), eosId];
  const weights = [1, ...tokens.map(({ weight }) => weight), 1];
  const padding = modelMaxLength - ids.length;
  return {
    ids: [...ids, ...new Array<number>(padding).fill(padId)],
    weights: [...weights, ...new Array<number>(padding).fill(1)],
  };
}
