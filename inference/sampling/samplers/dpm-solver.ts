import type { Tensor } from '../../tensor.ts';
import { type NoiseLevel, predictNoise, predictPicture, type SigmaSchedule } from '../schedule.ts';
import type { Term } from '../vector.ts';

/*
 * What the multistep and the single step DPM-Solver share: the exponential integrator over the half log signal-to-noise
 * ratio lambda (Lu et al. 2022: DPM-Solver, of the noise; DPM-Solver++, of the picture; both also as stochastic
 * differential equations).
 */

export type DpmAlgorithm = 'dpmsolver' | 'dpmsolver++' | 'sde-dpmsolver' | 'sde-dpmsolver++';

export interface DpmSolverOptions {
  readonly algorithm: DpmAlgorithm;
  readonly order: number;
  /** How a second derivative-free term is weighted: by the midpoint rule, or exactly (`heun`). */
  readonly solver: 'midpoint' | 'heun';
}

/** A step's weights on the latent, on the integrand's value and its two derivatives in lambda, and on fresh noise. */
export interface StepWeights {
  readonly latent: number;
  readonly value: number;
  readonly slope: number;
  readonly curvature: number;
  readonly noise: number;
}

/** log(signal / noise), which grows as noise goes. */
export function logSnr({ signal, noise }: NoiseLevel): number {
  return Math.log(signal) - Math.log(noise);
}

/** Exact weights of a step from one noise level to another, with the time unit scaled to the step's own length. */
export function stepWeights(algorithm: DpmAlgorithm, from: NoiseLevel, to: NoiseLevel): StepWeights {
  const h = logSnr(to) - logSnr(from);
  switch (algorithm) {
    case 'dpmsolver++': {
      const phi = Math.expm1(-h);
      return {
        latent: to.noise / from.noise,
        value: -to.signal * phi,
        slope: to.signal * (phi / h + 1),
        curvature: -to.signal * ((phi + h) / h ** 2 - 0.5),
        noise: 0,
      };
    }
    case 'dpmsolver': {
      const phi = Math.expm1(h);
      return {
        latent: to.signal / from.signal,
        value: -to.noise * phi,
        slope: -to.noise * (phi / h - 1),
        curvature: -to.noise * ((phi - h) / h ** 2 - 0.5),
        noise: 0,
      };
    }
    case 'sde-dpmsolver++': {
      const phi = -Math.expm1(-2 * h);
      return {
        latent: (to.noise / from.noise) * Math.exp(-h),
        value: to.signal * phi,
        slope: to.signal * (1 - phi / (2 * h)),
        curvature: to.signal * ((phi - 2 * h) / (2 * h) ** 2 - 0.5),
        noise: to.noise * Math.sqrt(phi),
      };
    }
    case 'sde-dpmsolver': {
      const phi = Math.expm1(h);
      return {
        latent: to.signal / from.signal,
        value: -2 * to.noise * phi,
        slope: -2 * to.noise * (phi / h - 1),
        curvature: 0,
        noise: to.noise * Math.sqrt(Math.expm1(2 * h)),
      };
    }
  }
}

/** What is integrated: the predicted picture, or the predicted noise. */
export function integrand(
  algorithm: DpmAlgorithm,
  schedule: SigmaSchedule,
  latent: Tensor,
  output: Tensor,
  call: number,
): Tensor {
  return algorithm.endsWith('++')
    ? predictPicture(schedule, latent, output, call)
    : predictNoise(schedule, latent, output, call);
}

export function isStochastic(algorithm: DpmAlgorithm): boolean {
  return algorithm.startsWith('sde');
}

/** The weight of the slope: the midpoint rule takes the value half a step on. */
export function slopeWeight(weights: StepWeights, solver: DpmSolverOptions['solver']): number {
  return solver === 'midpoint' ? 0.5 * weights.value : weights.slope;
}

/** Terms of the difference quotient (newer - older) / distance. */
export function slopeTerms(weight: number, newer: Tensor, older: Tensor, distance: number): Term[] {
  return [
    [weight / distance, newer],
    [-weight / distance, older],
  ];
}
