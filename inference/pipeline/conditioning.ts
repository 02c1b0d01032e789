import { rulesOf } from '../../commands/parameters/revision.ts';
import { composedPrompts, textsOfSteps } from '../../commands/prompt/encoded-texts.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { elementAt } from '../sampling/vector.ts';
import type { Tensor } from '../tensor.ts';
import type { Guidance } from './denoise.ts';
import type { Embedding } from './embeddings.ts';
import type { Expert } from './model.ts';
import type { PromptPair, TextSides } from './text.ts';
import {
  AESTHETIC_SCORE,
  baseTimeIds,
  NEGATIVE_AESTHETIC_SCORE,
  refinerTimeIds,
  type SizeConditioning,
  uncropped,
} from './time-ids.ts';

type Prompts = Pick<Recipe, 'prompt' | 'prompt2' | 'negative' | 'negative2' | 'clipSkip' | 'revision' | 'steps'>;

/** A recipe's prompts, read. */
export interface EncodedPrompts {
  /** Of each step; one for all where no words change. */
  readonly steps: readonly TextSides[];
  /** Of each of the positive prompts. */
  readonly weights: readonly number[];
}

/** Reads the prompts as diffusers' StableDiffusionXLPipeline does: a second prompt that is missing is the first. */
export async function encodePrompts(
  expert: Expert,
  recipe: Prompts,
  embeddings: readonly Embedding[] = [],
): Promise<EncodedPrompts> {
  const { negative, negative2, clipSkip } = recipe;
  const isUnsaid = negative === undefined && negative2 === undefined;
  const isZeroed = isUnsaid && expert.networks.checkpoint.pipeline.forceZerosForEmptyPrompt;
  const against = pairsOf({ prompt: negative ?? '', prompt2: negative2 || (negative ?? '') }, recipe);
  const composed = compositionOf(recipe);
  const towards = composed.map(({ pair }) => pairsOf(pair, recipe));
  // As in diffusers, where each pipeline is told by itself: the refiner's own usual layer is read.
  const layer = expert.networks.checkpoint.kind === 'base' ? clipSkip : undefined;
  const reading = { embeddings, layer, ...rulesOf(recipe) };
  const read = new Map<string, TextSides>();
  const steps: TextSides[] = [];
  for (let step = 0; step < Math.max(...[against, ...towards].map(({ length }) => length)); step++) {
    const positives = towards.map((pairs) => atStep(pairs, step));
    const away = isZeroed ? null : atStep(against, step);
    const key = JSON.stringify([positives, away]);
    const sides = read.get(key) ?? (await expert.text.embed(positives, away, reading));
    read.set(key, sides);
    steps.push(sides);
  }
  return { steps, weights: composed.map(({ weight }) => weight) };
}

/**
 * What an expert draws under at each step, counted from 0, for a picture that is uncropped and as large as it is asked for.
 */
export function guidanceOf(
  expert: Expert,
  { steps, weights }: EncodedPrompts,
  recipe: Pick<Recipe, 'width' | 'height' | 'guidance' | 'guidanceRescale'>,
): (step: number) => Guidance {
  const sizes = uncropped(recipe.height, recipe.width);
  const { requiresAestheticsScore } = expert.networks.checkpoint.pipeline;
  const guidances = steps.map(({ positives, negative }) => ({
    positives: positives.map((positive, index) => ({
      conditioning: { ...positive, timeIds: timeIds(requiresAestheticsScore, sizes, AESTHETIC_SCORE) },
      weight: weights[index] ?? 1,
    })),
    negative: { ...negative, timeIds: timeIds(requiresAestheticsScore, sizes, NEGATIVE_AESTHETIC_SCORE) },
    scale: recipe.guidance,
    // diffusers' refining pipeline knows no rescaling.
    rescale: expert.networks.checkpoint.kind === 'base' ? recipe.guidanceRescale : 0,
  }));
  return (step) => elementAt(guidances, Math.min(step, guidances.length - 1));
}

/** The prompts that are drawn towards, each for both encoders; the encoder that has fewer reads its last one again. */
function compositionOf(recipe: Prompts): readonly { readonly pair: PromptPair; readonly weight: number }[] {
  const first = composedPrompts(recipe.prompt, recipe);
  const second = recipe.prompt2 ? composedPrompts(recipe.prompt2, recipe) : first;
  return Array.from({ length: Math.max(first.length, second.length) }, (_, index) => {
    const [own, other] = [first, second].map((parts) => elementAt(parts, Math.min(index, parts.length - 1)));
    const weight = (first.length >= second.length ? own : other)?.weight ?? 1;
    return { pair: { prompt: own?.text ?? '', prompt2: other?.text ?? '' }, weight };
  });
}

/** Of each step; one where neither prompt changes. */
function pairsOf({ prompt, prompt2 }: PromptPair, recipe: Prompts): readonly PromptPair[] {
  const [first, second] = [textsOfSteps(prompt, recipe), textsOfSteps(prompt2, recipe)];
  return Array.from({ length: Math.max(first.length, second.length) }, (_, step) => ({
    prompt: atStep(first, step),
    prompt2: atStep(second, step),
  }));
}

function atStep<T>(steps: readonly T[], step: number): T {
  return elementAt(steps, Math.min(step, steps.length - 1));
}

function timeIds(isScored: boolean, sizes: SizeConditioning, score: number): Tensor {
  return isScored ? refinerTimeIds(sizes, score) : baseTimeIds(sizes);
}
