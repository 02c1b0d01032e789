import { rulesOf } from '../../commands/parameters/revision.ts';
import type { Recipe } from '../../commands/recipe.ts';
import type { Tensor } from '../tensor.ts';
import type { Guidance } from './denoise.ts';
import type { Embedding } from './embeddings.ts';
import type { Expert } from './model.ts';
import type { TextSides } from './text.ts';
import {
  AESTHETIC_SCORE,
  baseTimeIds,
  NEGATIVE_AESTHETIC_SCORE,
  refinerTimeIds,
  type SizeConditioning,
  uncropped,
} from './time-ids.ts';

type Prompts = Pick<Recipe, 'prompt' | 'prompt2' | 'negative' | 'negative2' | 'clipSkip' | 'revision'>;

/** Reads the prompts as diffusers' StableDiffusionXLPipeline does: a second prompt that is missing is the first. */
export function encodePrompts(
  expert: Expert,
  recipe: Prompts,
  embeddings: readonly Embedding[] = [],
): Promise<TextSides> {
  const { prompt, prompt2, negative, negative2, clipSkip } = recipe;
  const isUnsaid = negative === undefined && negative2 === undefined;
  const isZeroed = isUnsaid && expert.networks.checkpoint.pipeline.forceZerosForEmptyPrompt;
  const against = { prompt: negative ?? '', prompt2: negative2 || (negative ?? '') };
  const towards = { prompt, prompt2: prompt2 || prompt };
  // As in diffusers, where each pipeline is told by itself: the refiner's own usual layer is read.
  const layer = expert.networks.checkpoint.kind === 'base' ? clipSkip : undefined;
  return expert.text.embed([towards], isZeroed ? null : against, { embeddings, layer, ...rulesOf(recipe) });
}

/** What an expert draws under, for a picture that is uncropped and as large as it is asked for. */
export function guidanceOf(
  expert: Expert,
  { positives, negative }: TextSides,
  recipe: Pick<Recipe, 'width' | 'height' | 'guidance' | 'guidanceRescale'>,
): Guidance {
  const sizes = uncropped(recipe.height, recipe.width);
  const { requiresAestheticsScore } = expert.networks.checkpoint.pipeline;
  const [positive] = positives;
  if (positive === undefined) throw new RangeError('A picture is drawn towards at least one prompt.');
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
