/** A dense float32 array in row-major order; images and latents are NCHW. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The number of values in a tensor of this shape (1 for a scalar's empty shape). */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
