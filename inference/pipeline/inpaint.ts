import { addNoise, type Schedule } from '../sampling/schedule.ts';
import type { Tensor } from '../tensor.ts';
import { LATENT_FACTOR } from './latents.ts';

/**
 * What inpainting puts back around the part that is drawn. This is the blend of latents by which diffusers'
 * StableDiffusionXLInpaintPipeline inpaints with a model that was not trained for it.
 */
export interface Inpainting {
  /** The start picture's latent, [1, C, h, w]. */
  readonly picture: Tensor;
  /** The noise that the drawing began with, of the same shape. */
  readonly noise: Tensor;
  /**
   * [1, 1, h, w]: 1 where to draw, 0 where to keep. Between them a value is kept until this share of the steps is left:
   * then it may still change a little, so that one part passes into the other (Differential Diffusion, Levin and Fried 2023).
   */
  readonly mask: Tensor;
}

/** A latent whose kept part is the start picture's again, at the noise level of this call, or clean after the last. */
export function putBack(inpainting: Inpainting, schedule: Schedule, latent: Tensor, call: number): Tensor {
  const { picture, noise, mask } = inpainting;
  const calls = schedule.timesteps.length;
  const kept = call < calls ? addNoise(schedule, picture, noise, call) : picture;
  const area = mask.data.length;
  const left = 1 - call / calls;
  const data = latent.data.map((value, index) => {
    const share = mask.data[index % area] ?? 0;
    return share > 0 && share >= left ? value : (kept.data[index] ?? 0);
  });
  return { shape: latent.shape, data };
}

/** A picture's mask [1, 1, H, W] in 0 .. 1 as its latent's: each value is the mean of the pixels that it stands for. */
export function softLatentMask({ shape, data }: Tensor): Tensor {
  const [, , height = 0, width = 0] = shape;
  const [rows, columns] = [height / LATENT_FACTOR, width / LATENT_FACTOR];
  const values = new Float32Array(rows * columns);
  for (const [index, value] of data.entries()) {
    const [row, column] = [Math.floor(index / width / LATENT_FACTOR), Math.floor((index % width) / LATENT_FACTOR)];
    values[row * columns + column] = (values[row * columns + column] ?? 0) + value / LATENT_FACTOR ** 2;
  }
  return { shape: [1, 1, rows, columns], data: values };
}

/**
 * A picture's mask [1, 1, H, W] in 0 .. 1 as its latent's: each value is the upper left of the pixels it stands for,
 * drawn where it is at least one half.
 */
export function latentMask({ shape, data }: Tensor): Tensor {
  const [, , height = 0, width = 0] = shape;
  const [rows, columns] = [height / LATENT_FACTOR, width / LATENT_FACTOR];
  const values = Float32Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return (data[(row * width + column) * LATENT_FACTOR] ?? 0) >= 0.5 ? 1 : 0;
  });
  return { shape: [1, 1, rows, columns], data: values };
}
