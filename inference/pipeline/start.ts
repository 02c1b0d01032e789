import type { Recipe } from '../../commands/recipe.ts';
import { addNoise, type Schedule } from '../sampling/schedule.ts';
import { weightedSum } from '../sampling/vector.ts';
import type { Tensor } from '../tensor.ts';
import { type Inpainting, latentMask, softLatentMask } from './inpaint.ts';
import { encodePicture } from './latents.ts';
import type { Networks } from './networks.ts';
import type { PictureNoise } from './picture-noise.ts';
import type { StartPicture } from './start-picture.ts';

export interface Start {
  /** At the noise level of the first call. */
  readonly latent: Tensor;
  readonly inpainting: Inpainting | null;
}

/**
 * What a drawing begins with: noise, or the start picture's latent with as much noise as the first call expects. The
 * generator is asked in diffusers' order.
 */
export async function startOf(
  recipe: Recipe,
  start: StartPicture | null,
  networks: Networks,
  schedule: Schedule,
  firstCall: number,
  noise: PictureNoise,
): Promise<Start> {
  if (start === null) {
    return { latent: weightedSum([schedule.initialNoiseSigma, noise.next()]), inpainting: null };
  }
  const picture = await encodePicture(networks, start.picture, noise.next);
  const first = noise.next();
  const noisy = addNoise(schedule, picture, first, firstCall);
  if (start.mask === null) return { latent: noisy, inpainting: null };

  const inpainting = {
    picture,
    noise: first,
    mask: recipe.feather === undefined ? latentMask(start.mask) : softLatentMask(start.mask),
  };
  // diffusers draws the masked picture's posterior too, which only models that were trained to inpaint read.
  noise.next();
  const isAllNew = recipe.init?.strength === 1;
  return { latent: isAllNew ? weightedSum([schedule.initialNoiseSigma, first]) : noisy, inpainting };
}
