import type { Tensor } from '../tensor.ts';

/**
 * Applies the weights of a chunk's tokens to its text encoder's states, [1, tokens, width]: each token's state is
 * multiplied by its weight. Weights of 1 give the states unchanged, to the bit.
 *
 * @param restoresMean whether all are then multiplied by one number that restores their mean, as the AUTOMATIC1111 web UI does
 *   for Stable Diffusion 1. For SDXL it has "No norm", which is this function without it.
 */
export function emphasize(states: Tensor, weights: readonly number[], restoresMean: boolean): Tensor {
  if (weights.every((weight) => weight === 1)) return states;
  const width = states.data.length / weights.length;
  const weighted = states.data.map((value, index) => value * (weights[Math.floor(index / width)] ?? 1));
  if (!restoresMean) return { shape: states.shape, data: weighted };
  const restore = mean(states.data) / mean(weighted);
  // Opposite weights can cancel the mean, from which nothing can be restored.
  return { shape: states.shape, data: Number.isFinite(restore) ? weighted.map((value) => value * restore) : weighted };
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
