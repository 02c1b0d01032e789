import type { Recipe } from '../../commands/recipe.ts';
import type { Tensor } from '../tensor.ts';
import type { Guidance } from './denoise.ts';
import type { Expert } from './model.ts';
import { type TextEmbedding, zeroed } from './text.ts';
import {
  AESTHETIC_SCORE,
  baseTimeIds,
  NEGATIVE_AESTHETIC_SCORE,
  refinerTimeIds,
  type SizeConditioning,
  uncropped,
} from './time-ids.ts';

type Prompts = Pick<Recipe, 'prompt' | 'prompt2' | 'negative' | 'negative2'>;

/** Both sides' text, and how many tokens of the prompts did not fit. */
export interface TextSides {
  readonly positive: TextEmbedding;
  readonly negative: TextEmbedding;
  readonly cutTokens: number;
}

/** Reads the prompts as diffusers' StableDiffusionXLPipeline does: a second prompt that is missing is the first. */
export async function encodePrompts(
  expert: Expert,
  { prompt, prompt2, negative, negative2 }: Prompts,
): Promise<TextSides> {
  const { embedding: positive, cutTokens } = await expert.text.embed({ prompt, prompt2: prompt2 || prompt });
  if (negative === undefined && expert.networks.checkpoint.pipeline.forceZerosForEmptyPrompt) {
    return { positive, negative: zeroed(positive), cutTokens };
  }
  const first = negative ?? '';
  const against = await expert.text.embed({ prompt: first, prompt2: negative2 || first });
  return { positive, negative: against.embedding, cutTokens: Math.max(cutTokens, against.cutTokens) };
}

/** What an expert draws under, for a picture that is uncropped and as large as it is asked for. */
export function guidanceOf(
  expert: Expert,
  { positive, negative }: TextSides,
  recipe: Pick<Recipe, 'width' | 'height' | 'guidance' | 'guidanceRescale'>,
): Guidance {
  const sizes = uncropped(recipe.height, recipe.width);
  const { requiresAestheticsScore } = expert.networks.checkpoint.pipeline;
  return {
    positive: { ...positive, timeIds: timeIds(requiresAestheticsScore, sizes, AESTHETIC_SCORE) },
    negative: { ...negative, timeIds: timeIds(requiresAestheticsScore, sizes, NEGATIVE_AESTHETIC_SCORE) },
    scale: recipe.guidance,
    // diffusers' refining pipeline knows no rescaling.
    rescale: expert.networks.checkpoint.kind === 'base' ? recipe.guidanceRescale : 0,
  };
}

function timeIds(isScored: boolean, sizes: SizeConditioning, score: number): Tensor {
  return isScored ? refinerTimeIds(sizes, score) : baseTimeIds(sizes);
}
