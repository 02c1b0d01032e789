import { type EmbeddingSource, EngineError, type EngineResult, type EngineTask } from '../../commands/engine.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { decodePicture } from '../image/decode.ts';
import { callRange, type RangeOptions } from '../sampling/range.ts';
import { addNoise } from '../sampling/schedule.ts';
import type { Tensor } from '../tensor.ts';
import { finish } from './finish.ts';
import { decodeHandoff } from './handoff.ts';
import type { Inpainting } from './inpaint.ts';
import { encodePicture, LATENT_FACTOR } from './latents.ts';
import type { Expert } from './model.ts';
import { PictureNoise } from './picture-noise.ts';
import { Progress } from './progress.ts';
import { recipeSampler } from './recipe-sampler.ts';
import { runExpert } from './run-expert.ts';
import { readStart } from './start-picture.ts';
import type { TaskContext } from './task.ts';

type RefineTask = Extract<EngineTask, { kind: 'refine' }>;

/**
 * Refines a picture that was drawn before: from its hand-off latent only the refiner's steps are run, and the result is
 * what drawing with the refiner would have given; without one, the finished picture is gone over by a strength.
 */
export async function refine(task: RefineTask, context: TaskContext): Promise<EngineResult> {
  const { recipe, embeddings = [], from } = task;
  const progress = new Progress(context);
  const { refiner: expert } = await progress.during('loading', () => context.library.open(task.model));
  if (expert === null) {
    throw new EngineError(
      'invalid',
      'This model has no refiner: ask the operator to add one, or pick a model that has it.',
    );
  }
  const latent =
    'handoff' in from ? fromHandoff(recipe, from.handoff) : await fromPicture(expert, recipe, from, progress);
  progress.expectSteps(refinerSteps(expert, recipe, latent.range));
  const refined = await refineLatent({ expert, recipe, embeddings, ...latent, context, progress });
  // Without a hand-off the whole picture is gone over, what was kept included.
  const start = 'handoff' in from && recipe.feather !== undefined ? await readStart(recipe, task) : null;
  return finish({ expert, latent: refined, start, recipe, handoff: null, context, progress });
}

interface Start {
  readonly latent: Tensor;
  readonly noise: PictureNoise;
  readonly range: RangeOptions;
  readonly inpainting: Inpainting | null;
}

function fromHandoff(recipe: Recipe, bytes: Uint8Array): Start {
  const { latent, draws, at, inpainting } = decodeHandoff(bytes);
  return { latent, noise: new PictureNoise(recipe.seed, latent.shape, draws), range: { start: at }, inpainting };
}

async function fromPicture(
  { networks }: Expert,
  recipe: Recipe,
  { picture, strength }: { readonly picture: Uint8Array; readonly strength: number },
  progress: Progress,
): Promise<Start> {
  const { checkpoint } = networks;
  const { width, height } = recipe;
  const noise = new PictureNoise(recipe.seed, [
    1,
    checkpoint.unet.config.inChannels,
    height / LATENT_FACTOR,
    width / LATENT_FACTOR,
  ]);
  const decoded = await decodePicture(picture, { width, height });
  const latent = await progress.alone('encoding', () => encodePicture(networks, decoded, noise.next));
  const { schedule } = recipeSampler(recipe, checkpoint.scheduler);
  const { from } = callRange(schedule, recipe.steps, checkpoint.scheduler.numTrainTimesteps, { strength });
  return { latent: addNoise(schedule, latent, noise.next(), from), noise, range: { strength }, inpainting: null };
}

/** The refiner's steps over a latent at the range's beginning; its sampler starts afresh, with no history of the base's. */
export async function refineLatent(
  part: Start & {
    readonly expert: Expert;
    readonly recipe: Recipe;
    readonly embeddings: readonly EmbeddingSource[];
    readonly context: TaskContext;
    readonly progress: Progress;
  },
): Promise<Tensor> {
  const { expert, recipe, embeddings, latent, noise, inpainting, context, progress } = part;
  const { scheduler } = expert.networks.checkpoint;
  const sampler = recipeSampler(recipe, scheduler);
  const range = callRange(sampler.schedule, recipe.steps, scheduler.numTrainTimesteps, part.range);
  const run = { ...range, latent, noise: noise.next };
  return runExpert({ expert, stage: 'refining', recipe, embeddings, sampler, run, inpainting, context, progress });
}

function refinerSteps(expert: Expert, recipe: Recipe, range: RangeOptions): number {
  const { scheduler } = expert.networks.checkpoint;
  const { schedule } = recipeSampler(recipe, scheduler);
  const { from, to } = callRange(schedule, recipe.steps, scheduler.numTrainTimesteps, range);
  return Math.ceil((to - from) / schedule.callsPerStep);
}
