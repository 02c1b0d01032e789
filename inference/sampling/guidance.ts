import type { Tensor } from '../tensor.ts';
import { weightedSum } from './vector.ts';

/**
 * Classifier-free guidance (Ho and Salimans 2022): away from the unconditional output by `scale` times its distance to
 * the conditional one. `rescale` (Lin et al. 2024, section 3.4) is the share by which the result's deviation is drawn
 * back to the conditional output's, which keeps a strong guidance from over-exposing; 0 leaves it.
 */
export function guide(unconditional: Tensor, conditional: Tensor, scale: number, rescale: number): Tensor {
  const guided = weightedSum([1 - scale, unconditional], [scale, conditional]);
  if (rescale === 0) return guided;
  const ratio = deviation(conditional.data) / deviation(guided.data);
  return weightedSum([rescale * ratio + 1 - rescale, guided]);
}

/** The standard deviation of one picture's values, by Bessel's correction as torch.std. */
function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
