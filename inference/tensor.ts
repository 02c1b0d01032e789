/** A dense float32 array in row-major order; images and latents are NCHW. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The number of values in a tensor of this shape (1 for a scalar's empty shape). */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Joins tensors along their first dimension. */
export function concatenate(tensors: readonly Tensor[]): Tensor {
  const first = tensors[0];
  if (first === undefined) throw new RangeError('Nothing to concatenate.');
  if (tensors.length === 1) return first;
  const data = new Float32Array(tensors.reduce((size, tensor) => size + tensor.data.length, 0));
  let offset = 0;
  let rows = 0;
  for (const tensor of tensors) {
    data.set(tensor.data, offset);
    offset += tensor.data.length;
    rows += tensor.shape[0] ?? 1;
  }
  return { shape: [rows, ...first.shape.slice(1)], data };
}

/** One row of the first dimension, as a tensor of one row; shares memory with `tensor`. */
export function rowOf(tensor: Tensor, row: number): Tensor {
  const size = tensor.data.length / (tensor.shape[0] ?? 1);
  return { shape: [1, ...tensor.shape.slice(1)], data: tensor.data.subarray(row * size, (row + 1) * size) };
}
