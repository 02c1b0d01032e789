import { EngineError, type EngineTask } from '../../commands/engine.ts';
import { decodeMask, decodePicture } from '../image/decode.ts';
import { addNoise, type Schedule } from '../sampling/schedule.ts';
import { weightedSum } from '../sampling/vector.ts';
import type { Tensor } from '../tensor.ts';
import { type Inpainting, latentMask } from './inpaint.ts';
import { encodePicture } from './latents.ts';
import type { Networks } from './networks.ts';
import type { PictureNoise } from './picture-noise.ts';

export interface Start {
  /** At the noise level of the first call. */
  readonly latent: Tensor;
  readonly inpainting: Inpainting | null;
}

/**
 * What a drawing begins with: noise, or the start picture's latent with as much noise as the first call expects. The
 * generator is asked in diffusers' order. Throws an `invalid` EngineError where a picture or a mask is missing or unreadable.
 */
export async function startOf(
  { recipe, init, mask }: Extract<EngineTask, { kind: 'draw' }>,
  networks: Networks,
  schedule: Schedule,
  firstCall: number,
  noise: PictureNoise,
): Promise<Start> {
  if (recipe.init === undefined) {
    if (recipe.mask !== undefined)
      throw new EngineError('invalid', 'A mask needs a picture that it is for: attach one.');
    return { latent: weightedSum([schedule.initialNoiseSigma, noise.next()]), inpainting: null };
  }
  if (init === undefined) throw new EngineError('invalid', 'The start picture is missing: attach it again.');
  const picture = await encodePicture(networks, await decodePicture(init, recipe), noise.next);
  const first = noise.next();
  const noisy = addNoise(schedule, picture, first, firstCall);
  if (recipe.mask === undefined) return { latent: noisy, inpainting: null };

  if (mask === undefined) throw new EngineError('invalid', 'The mask is missing: attach it again.');
  const inpainting = { picture, noise: first, mask: latentMask(await decodeMask(mask, recipe)) };
  // diffusers draws the masked picture's posterior too, which only models that were trained to inpaint read.
  noise.next();
  const isAllNew = recipe.init.strength === 1;
  return { latent: isAllNew ? weightedSum([schedule.initialNoiseSigma, first]) : noisy, inpainting };
}
