import { parsePrompt } from '../../commands/prompt/weights.ts';
import type { Tensor } from '../tensor.ts';
import { type Chunk, chunkPrompt, padChunks } from '../text/chunks.ts';
import { emphasize } from '../text/emphasis.ts';
import { createTokenizer } from '../text/tokenizer.ts';
import { type Embedding, vectorsOf } from './embeddings.ts';
import { lazy } from './lazy.ts';
import type { Networks } from './networks.ts';

/** A prompt as the UNet reads it. */
export interface TextEmbedding {
  /** [1, tokens, width]: the encoders' hidden states side by side, one chunk after the other. */
  readonly context: Tensor;
  /** [1, width]: the second encoder's projected summary of the first chunk. */
  readonly pooled: Tensor;
}

/** A prompt for each of SDXL's two encoders; the refiner reads the second only. */
export interface PromptPair {
  readonly prompt: string;
  readonly prompt2: string;
}

/** What to draw towards and away from; equally long, because the UNet reads both in one pass. */
export interface TextSides {
  readonly positives: readonly TextEmbedding[];
  readonly negative: TextEmbedding;
  /** Tokens that were left out, of the prompt that lost most. */
  readonly cutTokens: number;
}

/** How prompts are read. */
export interface Reading {
  /** Whose names in the prompts stand for their vectors. */
  readonly embeddings?: readonly Embedding[];
  /**
   * The encoders' layer that is read of the positive side, counted from the end; of the negative side it is always the usual
   * one, as in diffusers.
   */
  readonly layer?: number | undefined;
  /** Of weighted words: see `emphasize`. */
  readonly restoresMean?: boolean;
}

export interface TextPipeline {
  /**
   * @param positives at least one
   * @param negative null: zeros, for a model that was trained with them
   */
  embed(positives: readonly PromptPair[], negative: PromptPair | null, reading?: Reading): Promise<TextSides>;
}

/** What SDXL was trained with: the last layer but one. */
const USUAL_LAYER = 2;

/** Of 77 tokens each: about 230 words. Attention's time grows with every one of them, on both sides. */
export const MAX_CHUNKS = 4;

/** Chunks repeat ("again", "vary", the empty negative); an embedding of SDXL's is 635 kB. */
const CACHED_CHUNKS = 64;

/** Prompts to embeddings with a checkpoint's tokenizers and encoders; the latest chunks are kept. */
export function createTextPipeline(networks: Networks): TextPipeline {
  const cache = new Map<string, Promise<TextEmbedding>>();
  const { checkpoint } = networks;
  const readers = lazy(async () => {
    const { tokenizer2 } = checkpoint;
    const second = { tokenizer: createTokenizer(tokenizer2), textOf: ({ prompt2 }: PromptPair) => prompt2 };
    if (checkpoint.kind === 'refiner') return [second];
    return [{ tokenizer: createTokenizer(checkpoint.tokenizer), textOf: ({ prompt }: PromptPair) => prompt }, second];
  });

  const embedCached = (chunks: readonly Chunk[], reading: Reading): Promise<TextEmbedding> => {
    const { embeddings = [], layer, restoresMean } = reading;
    const files = embeddings.map(({ name, fingerprint }) => [name, fingerprint]);
    const key = JSON.stringify([chunks, files, layer, restoresMean]);
    const embedding = cache.get(key) ?? embedChunk(networks, chunks, reading);
    cache.delete(key);
    cache.set(key, embedding);
    embedding.catch(() => cache.delete(key));
    const oldest = cache.keys().next();
    if (cache.size > CACHED_CHUNKS && !oldest.done) cache.delete(oldest.value);
    return embedding;
  };

  return {
    async embed(positives, negative, reading = {}) {
      const lengths = new Map(reading.embeddings?.map(({ name, length }) => [name, length]));
      const encoders = (await readers()).map(({ tokenizer, textOf }) => {
        const chunk = (side: PromptPair) => chunkPrompt(parsePrompt(textOf(side)), tokenizer, MAX_CHUNKS, lengths);
        return { tokenizer, positives: positives.map(chunk), negative: negative && chunk(negative) };
      });
      const texts = encoders.flatMap((encoder) => [
        ...encoder.positives,
        ...(encoder.negative ? [encoder.negative] : []),
      ]);
      const count = Math.max(...texts.map(({ chunks }) => chunks.length));
      const embedText = async (side: number | 'negative'): Promise<TextEmbedding> => {
        const rows = encoders.map((encoder) => {
          const text = side === 'negative' ? encoder.negative : encoder.positives[side];
          return padChunks(text?.chunks ?? [], count, encoder.tokenizer);
        });
        const layer = side === 'negative' ? USUAL_LAYER : reading.layer;
        const read: TextEmbedding[] = [];
        for (let index = 0; index < count; index++) {
          const chunks = rows.flatMap((row) => row[index] ?? []);
          read.push(await embedCached(chunks, { ...reading, layer }));
        }
        return joinChunks(read);
      };
      const towards: TextEmbedding[] = [];
      for (const index of positives.keys()) towards.push(await embedText(index));
      const [first] = towards;
      if (first === undefined) throw new RangeError('A picture is drawn towards at least one prompt.');
      return {
        positives: towards,
        negative: negative === null ? zeroed(first) : await embedText('negative'),
        cutTokens: Math.max(...texts.map(({ cutTokens }) => cutTokens)),
      };
    },
  };
}

/** Runs a checkpoint's encoders over one chunk each, and joins their weighted states along the width. */
export async function embedChunk(
  networks: Networks,
  chunks: readonly Chunk[],
  { embeddings = [], layer = USUAL_LAYER, restoresMean = false }: Reading = {},
): Promise<TextEmbedding> {
  const states = [];
  for (const [index, load] of networks.textEncoders.entries()) {
    const encoder = await load();
    const chunk = chunks[index] ?? { ids: [], weights: [] };
    const side = index === networks.textEncoders.length - 1 ? 'second' : 'first';
    const vectors = chunk.vectors && vectorsOf(chunk, encoder.width, embeddings, side);
    const { hidden, pooled } = await encoder.encode(chunk.ids, layer, vectors);
    states.push({ hidden: emphasize(hidden, chunk.weights, restoresMean), pooled });
  }
  const last = states.at(-1);
  if (last === undefined) throw new RangeError('A checkpoint has at least one text encoder.');
  return { context: joinWidths(states.map(({ hidden }) => hidden)), pooled: last.pooled };
}

/** An embedding of zeros, as long as this one. */
export function zeroed({ context, pooled }: TextEmbedding): TextEmbedding {
  const zeros = ({ shape, data }: Tensor): Tensor => ({ shape, data: new Float32Array(data.length) });
  return { context: zeros(context), pooled: zeros(pooled) };
}

/** Chunks one after the other; the first speaks for the whole, as in the AUTOMATIC1111 web UI. */
function joinChunks(embeddings: readonly TextEmbedding[]): TextEmbedding {
  const first = embeddings[0];
  if (first === undefined) throw new RangeError('A prompt has at least one chunk.');
  if (embeddings.length === 1) return first;
  const [, tokens = 0, width = 0] = first.context.shape;
  const data = new Float32Array(embeddings.length * tokens * width);
  for (const [index, { context }] of embeddings.entries()) data.set(context.data, index * tokens * width);
  return { context: { shape: [1, embeddings.length * tokens, width], data }, pooled: first.pooled };
}

/** [1, tokens, a] and [1, tokens, b] to [1, tokens, a + b]. */
function joinWidths(states: readonly Tensor[]): Tensor {
  const first = states[0];
  if (first === undefined || states.length === 1) return first ?? { shape: [0], data: new Float32Array() };
  const [, tokens = 0] = first.shape;
  const widths = states.map(({ shape }) => shape[2] ?? 0);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const data = new Float32Array(tokens * total);
  let column = 0;
  for (const [index, state] of states.entries()) {
    const width = widths[index] ?? 0;
    for (let token = 0; token < tokens; token++) {
      data.set(state.data.subarray(token * width, (token + 1) * width), token * total + column);
    }
    column += width;
  }
  return { shape: [1, tokens, total], data };
}
