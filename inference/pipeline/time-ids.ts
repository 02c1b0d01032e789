import type { Tensor } from '../tensor.ts';

/** What SDXL is told of a picture's sizes (Podell et al. 2023, section 2.2): each pair is height, width in pixels. */
export interface SizeConditioning {
  readonly originalSize: readonly [number, number];
  /** Top, left. */
  readonly crop: readonly [number, number];
  readonly targetSize: readonly [number, number];
}

/** The aesthetic score that the refiner strives for and the one that it avoids: diffusers' defaults. */
export const AESTHETIC_SCORE = 6.0;
export const NEGATIVE_AESTHETIC_SCORE = 2.5;

/** A picture as large as it is drawn, cut nowhere. */
export function uncropped(height: number, width: number): SizeConditioning {
  return { originalSize: [height, width], crop: [0, 0], targetSize: [height, width] };
}

/** The base's time ids, [1, 6]: original size, crop, target size. */
export function baseTimeIds({ originalSize, crop, targetSize }: SizeConditioning): Tensor {
  return { shape: [1, 6], data: Float32Array.from([...originalSize, ...crop, ...targetSize]) };
}

/** The refiner's time ids, [1, 5]: original size, crop, aesthetic score. */
export function refinerTimeIds({ originalSize, crop }: SizeConditioning, aestheticScore: number): Tensor {
  return { shape: [1, 5], data: Float32Array.from([...originalSize, ...crop, aestheticScore]) };
}
