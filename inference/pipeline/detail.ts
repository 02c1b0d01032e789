import type { Arithmetic, EmbeddingSource, ModelSource } from '../../commands/engine.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { callRange } from '../sampling/range.ts';
import { addNoise } from '../sampling/schedule.ts';
import type { Tensor } from '../tensor.ts';
import { decodeLatent, encodePicture, LATENT_FACTOR } from './latents.ts';
import { PictureNoise } from './picture-noise.ts';
import type { Progress } from './progress.ts';
import { recipeSampler } from './recipe-sampler.ts';
import { runExpert } from './run-expert.ts';
import type { TaskContext } from './task.ts';

/**
 * Draws finer detail into an enlarged picture [1, 3, H, W] in 0 .. 1, sides multiples of 8: picture to picture by a small
 * strength, through windows of the size that the model knows. Encoder, UNet and decoder see only parts, so that memory
 * grows with little more than the picture itself.
 */
export async function addDetail(
  picture: Tensor,
  strength: number,
  work: {
    readonly model: ModelSource;
    readonly embeddings: readonly EmbeddingSource[];
    readonly recipe: Recipe;
    readonly context: TaskContext;
    readonly progress: Progress;
  },
): Promise<{ readonly picture: Tensor; readonly arithmetic: Arithmetic }> {
  const { recipe, embeddings, context, progress } = work;
  const { base: expert } = await progress.during('loading', () => context.library.open(work.model));
  const { networks } = expert;
  const { scheduler, unet } = networks.checkpoint;
  const sampler = recipeSampler(recipe, scheduler);
  const range = callRange(sampler.schedule, recipe.steps, scheduler.numTrainTimesteps, { strength });
  progress.expectSteps(Math.ceil((range.to - range.from) / sampler.schedule.callsPerStep));
  const [height = 0, width = 0] = picture.shape.slice(-2);
  const noise = new PictureNoise(recipe.seed, [
    1,
    unet.config.inChannels,
    height / LATENT_FACTOR,
    width / LATENT_FACTOR,
  ]);
  const start = await progress.alone('encoding', () => encodePicture(networks, picture, noise.next));
  const noisy = addNoise(sampler.schedule, start, noise.next(), range.from);
  const run = { ...range, latent: noisy, noise: noise.next };
  const stage = 'drawing';
  const latent = await runExpert({
    expert,
    stage,
    recipe,
    embeddings,
    sampler,
    run,
    inpainting: null,
    context,
    progress,
  });
  const drawn = await progress.alone('decoding', () => decodeLatent(networks, latent));
  return { picture: drawn, arithmetic: networks.arithmetic };
}
