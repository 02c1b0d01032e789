import type { Tensor } from '../tensor.ts';
import { createTokenizer, type Tokenizer, tokenize } from '../text/tokenizer.ts';
import { lazy } from './lazy.ts';
import type { Networks } from './networks.ts';

/** A prompt as the UNet reads it. */
export interface TextEmbedding {
  /** [1, tokens, width]: the encoders' penultimate states side by side. */
  readonly context: Tensor;
  /** [1, width]: the second encoder's projected summary. */
  readonly pooled: Tensor;
}

/** A prompt for each of SDXL's two encoders; the refiner reads the second only. */
export interface PromptPair {
  readonly prompt: string;
  readonly prompt2: string;
}

export interface TextPipeline {
  /** The embedding, and how many tokens did not fit the encoders. */
  embed(prompts: PromptPair): Promise<{ readonly embedding: TextEmbedding; readonly cutTokens: number }>;
}

/** Prompts repeat ("again", "vary", the empty negative); an embedding of SDXL's is 635 kB. */
const CACHED_PROMPTS = 64;

/** Prompts to embeddings with a checkpoint's tokenizers and encoders; the latest are kept. */
export function createTextPipeline(networks: Networks): TextPipeline {
  const cache = new Map<string, ReturnType<TextPipeline['embed']>>();
  const { checkpoint } = networks;
  const tokenizers = lazy(async () =>
    checkpoint.kind === 'base'
      ? [createTokenizer(checkpoint.tokenizer), createTokenizer(checkpoint.tokenizer2)]
      : [createTokenizer(checkpoint.tokenizer2)],
  );

  const embed: TextPipeline['embed'] = async ({ prompt, prompt2 }) => {
    const texts = checkpoint.kind === 'base' ? [prompt, prompt2] : [prompt2];
    const tokenized = (await tokenizers()).map((tokenizer: Tokenizer, index) =>
      tokenize(texts[index] ?? '', tokenizer),
    );
    const embedding = await embedIds(
      networks,
      tokenized.map(({ ids }) => ids),
    );
    return { embedding, cutTokens: Math.max(...tokenized.map(({ cutTokens }) => cutTokens)) };
  };

  return {
    embed(prompts) {
      const key = JSON.stringify([prompts.prompt, prompts.prompt2]);
      const cached = cache.get(key) ?? embed(prompts);
      cache.delete(key);
      cache.set(key, cached);
      cached.catch(() => cache.delete(key));
      const oldest = cache.keys().next();
      if (cache.size > CACHED_PROMPTS && !oldest.done) cache.delete(oldest.value);
      return cached;
    },
  };
}

/** Runs a checkpoint's encoders over one row of token ids each, and joins their states along the width. */
export async function embedIds(networks: Networks, ids: readonly (readonly number[])[]): Promise<TextEmbedding> {
  const encoders = await networks.textEncoders();
  const states = [];
  for (const [index, encoder] of encoders.entries()) states.push(await encoder.encode(ids[index] ?? []));
  const last = states.at(-1);
  if (last === undefined) throw new RangeError('A checkpoint has at least one text encoder.');
  return { context: joinWidths(states.map(({ penultimate }) => penultimate)), pooled: last.pooled };
}

/** The unconditional embedding of a model that was trained with zeros for it. */
export function zeroed({ context, pooled }: TextEmbedding): TextEmbedding {
  const zeros = ({ shape, data }: Tensor): Tensor => ({ shape, data: new Float32Array(data.length) });
  return { context: zeros(context), pooled: zeros(pooled) };
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
