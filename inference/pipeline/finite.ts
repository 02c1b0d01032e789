import type { Tensor } from '../tensor.ts';

/** Numbers of a picture that is being drawn are NaN or infinite: nothing that follows can be a picture. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
}

/** Throws a `NotFiniteError` where a value is none. */
export function requireFinite(tensor: Tensor): Tensor {
  if (areNumbers(tensor.data)) return tensor;
  throw new NotFiniteError('Values are not finite.');
}

/** Whether all values are numbers that are not infinite. A plain loop: this looks at all weights of a model. */
export function areNumbers(data: Float32Array): boolean {
  for (let index = 0; index < data.length; index++) if (!Number.isFinite(data[index])) return false;
  return true;
}
