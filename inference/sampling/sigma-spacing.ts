import type { SigmaSpacing } from '../checkpoint/configuration.ts';
import { betaQuantile } from './beta-distribution.ts';
import { linspace } from './timestep-spacing.ts';
import { elementAt } from './vector.ts';

/** Karras et al. 2022, equation 5: more steps where there is little noise. */
const KARRAS_RHO = 7;
/** "Beta Sampling is All You Need" (Lee et al. 2024): steps gather at both ends. */
const BETA_SHAPE = 0.6;

/** Noise levels by a formula, from `max` down to `min`. */
export function spaceSigmas(
  spacing: Exclude<SigmaSpacing, 'trained'>,
  steps: number,
  { min, max }: { min: number; max: number },
): number[] {
  switch (spacing) {
    case 'karras':
      return karrasSigmas(steps, min, max, KARRAS_RHO);
    case 'exponential':
    case 'lu':
      return exponentialSigmas(steps, min, max);
    case 'beta':
      return linspace(0, 1, steps).map((time) => min + betaQuantile(1 - time, BETA_SHAPE) * (max - min));
  }
}

export function karrasSigmas(steps: number, min: number, max: number, rho: number): number[] {
  const [from, to] = [max ** (1 / rho), min ** (1 / rho)];
  return linspace(0, 1, steps).map((time) => (from + time * (to - from)) ** rho);
}

/** Equal steps in log sigma, hence in the half log signal-to-noise ratio lambda (Lu et al. 2022). */
export function exponentialSigmas(steps: number, min: number, max: number): number[] {
  return linspace(Math.log(max), Math.log(min), steps).map(Math.exp);
}

/** The noise level at a timestep, which may be a fraction or beyond the last. */
export function sigmaAt(trained: Float32Array, timestep: number): number {
  const last = trained.length - 1;
  const low = Math.min(Math.max(Math.floor(timestep), 0), last);
  const high = Math.min(low + 1, last);
  const share = Math.min(Math.max(timestep - low, 0), 1);
  return elementAt(trained, low) + share * (elementAt(trained, high) - elementAt(trained, low));
}

/** The timestep, a fraction, at which the model was trained with this noise level: linear in log sigma between two. */
export function timestepAt(trained: Float32Array, sigma: number): number {
  const logSigma = Math.log(Math.max(sigma, 1e-10));
  const logOf = (index: number): number => Math.fround(Math.log(elementAt(trained, index)));
  let low = 0;
  while (low < trained.length - 2 && logOf(low + 1) <= logSigma) low++;
  const share = (logOf(low) - logSigma) / (logOf(low) - logOf(low + 1));
  return low + Math.min(Math.max(share, 0), 1);
}
