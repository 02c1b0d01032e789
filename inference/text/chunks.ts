import { splitAtEmbeddings } from '../../commands/prompt/embeddings.ts';
import type { PromptSection } from '../../commands/prompt/weights.ts';
import { encode, type Tokenizer } from './tokenizer.ts';

/** What a text encoder reads at once, always `modelMaxLength` ids, with the weight of each. */
export interface Chunk {
  /** `EMBEDDED` where a vector of an embedding stands. */
  readonly ids: readonly number[];
  readonly weights: readonly number[];
  /** Which vectors those are; absent where there are none. */
  readonly vectors?: readonly PlacedVector[];
}

/** One vector of an embedding, and where among a chunk's ids it stands. */
export interface PlacedVector extends EmbeddingVector {
  readonly position: number;
}

interface EmbeddingVector {
  readonly embedding: string;
  readonly row: number;
}

/** The id in the place of a token whose vector is not the vocabulary's. */
export const EMBEDDED = -1;

export interface ChunkedPrompt {
  /** At least one. */
  readonly chunks: readonly Chunk[];
  /** Tokens that were left out because they would have needed more chunks than allowed. */
  readonly cutTokens: number;
}

interface WeightedToken {
  readonly id: number;
  readonly weight: number;
  readonly vector?: EmbeddingVector;
}

/** How far back from a full chunk's end to look for a comma to end it at: 20 of SDXL's 75 tokens. */
const BACKTRACK = 20 / 75;

/**
 * Cuts a prompt into chunks that each fit the text encoder, whose outputs are to be joined: a long prompt is read
 * whole. A full chunk ends after a comma where one is near, as in the AUTOMATIC1111 web UI; a section begins a new one.
 * A plain prompt that fits gives one chunk, equal to `tokenize`'s ids. An embedding's name stands for as many tokens as it
 * has vectors, by `embeddings`; they stay in one chunk, which they must fit.
 */
export function chunkPrompt(
  sections: readonly PromptSection[],
  tokenizer: Tokenizer,
  maxChunks: number = Number.POSITIVE_INFINITY,
  embeddings: ReadonlyMap<string, number> = new Map(),
): ChunkedPrompt {
  const [comma] = encode(',', tokenizer);
  const parts = sections.flatMap((section) =>
    splitTokens(weightedTokens(section, tokenizer, embeddings), comma, tokenizer),
  );
  const cut = parts.slice(maxChunks).reduce((sum, part) => sum + part.length, 0);
  return { chunks: parts.slice(0, maxChunks).map((part) => toChunk(part, tokenizer)), cutTokens: cut };
}

/** Adds empty chunks, so that the two encoders, whose outputs go side by side, read as many. */
export function padChunks(chunks: readonly Chunk[], count: number, tokenizer: Tokenizer): readonly Chunk[] {
  return [...chunks, ...Array.from({ length: Math.max(0, count - chunks.length) }, () => toChunk([], tokenizer))];
}

function weightedTokens(
  section: PromptSection,
  tokenizer: Tokenizer,
  embeddings: ReadonlyMap<string, number>,
): readonly WeightedToken[] {
  const names = [...embeddings.keys()];
  return section.flatMap(({ text, weight }) =>
    splitAtEmbeddings(text, names).flatMap((piece): readonly WeightedToken[] => {
      if ('text' in piece) return encode(piece.text, tokenizer).map((id) => ({ id, weight }));
      const { embedding } = piece;
      const length = embeddings.get(embedding) ?? 0;
      return Array.from({ length }, (_, row) => ({ id: EMBEDDED, weight, vector: { embedding, row } }));
    }),
  );
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
    const cut = isNear ? lastComma + 1 : beforeEmbedding(tokens, end);
    parts.push(tokens.slice(start, cut));
    start = cut;
  }
  return [...parts, tokens.slice(start)];
}

/** This place, or where the embedding begins that it would cut in two. */
function beforeEmbedding(tokens: readonly WeightedToken[], end: number): number {
  return end - (tokens[end]?.vector?.row ?? 0);
}

function toChunk(tokens: readonly WeightedToken[], { bosId, eosId, padId, modelMaxLength }: Tokenizer): Chunk {
  const ids = [bosId, ...tokens.map(({ id }) => id), eosId];
  const weights = [1, ...tokens.map(({ weight }) => weight), 1];
  const padding = modelMaxLength - ids.length;
  const vectors = tokens.flatMap(({ vector }, index) => (vector ? [{ ...vector, position: index + 1 }] : []));
  return {
    ids: [...ids, ...new Array<number>(padding).fill(padId)],
    weights: [...weights, ...new Array<number>(padding).fill(1)],
    ...(vectors.length > 0 && { vectors }),
  };
}
