import type { Tensor } from '../tensor.ts';

/** A weight and what it weighs; all tensors of a sum have the same shape. */
export type Term = readonly [weight: number, tensor: Tensor];

/**
 * The weighted sum of tensors, in double precision and rounded once. Every solver's step is one: what differs are the
 * weights.
 */
export function weightedSum(first: Term, ...rest: readonly Term[]): Tensor {
  const [weight, { shape, data }] = first;
  const sum = new Float64Array(data.length);
  for (let i = 0; i < sum.length; i++) sum[i] = weight * (data[i] ?? 0);
  for (const [factor, term] of rest) {
    // An unused term may be infinite or not a number, at zero noise for one.
    if (factor !== 0) addScaled(sum, factor, term.data);
  }
  return { shape, data: new Float32Array(sum) };
}

function addScaled(sum: Float64Array, factor: number, data: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + factor * (data[i] ?? 0);
}

export function clamp({ shape, data }: Tensor, limit: number): Tensor {
  return { shape, data: data.map((value) => Math.min(Math.max(value, -limit), limit)) };
}

/** The element at `index`, which must exist: a mistake in a schedule is an error, never a `NaN` in a picture. */
export function elementAt<T>(list: ArrayLike<T>, index: number): T {
  const element = list[index];
  if (element === undefined) throw new RangeError(`There is no element ${index} in a list of ${list.length}.`);
  return element;
}
