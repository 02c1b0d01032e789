import type { BetaSchedule, SchedulerConfig } from '../checkpoint/configuration.ts';
import { elementAt } from './vector.ts';

/** The noise that a model was trained with. */
export interface TrainingNoise {
  readonly numTrainTimesteps: number;
  readonly betaStart: number;
  readonly betaEnd: number;
  readonly betaSchedule: BetaSchedule;
  readonly rescaleBetasZeroSnr: boolean;
}

/** A model's noise; what its configuration leaves out is that of the classes that SDXL is published with. */
export function trainingNoise(config: SchedulerConfig): TrainingNoise {
  const { betaStart = 0.0001, betaEnd = 0.02, betaSchedule = 'linear' } = config;
  return { ...config, betaStart, betaEnd, betaSchedule };
}

/**
 * The share of the signal's variance that is left at each training timestep: the cumulative product of 1 - beta (Ho et
 * al. 2020). The products are float32, as diffusers stores them.
 */
export function cumulativeAlphas(noise: TrainingNoise): Float32Array {
  const betas = trainingBetas(noise);
  return cumulativeProduct(noise.rescaleBetasZeroSnr ? zeroTerminalSnr(betas) : betas);
}

/** Noise to signal at each training timestep, float32. Pure noise, which has none, becomes a ratio of 4096. */
export function trainedSigmas(config: SchedulerConfig): Float32Array {
  const noise = trainingNoise(config);
  const alphas = cumulativeAlphas(noise);
  if (noise.rescaleBetasZeroSnr) alphas[alphas.length - 1] = LEAST_ALPHA;
  return alphas.map((alpha) => Math.sqrt(Math.fround(Math.fround(1 - alpha) / alpha)));
}

/** diffusers': the sigma stays finite, and its square representable in float16. */
export const LEAST_ALPHA = 2 ** -24;

function trainingBetas({ numTrainTimesteps: count, betaStart, betaEnd, betaSchedule }: TrainingNoise): Float32Array {
  switch (betaSchedule) {
    case 'linear':
      return float32Linspace(betaStart, betaEnd, count);
    case 'scaled_linear':
      return float32Linspace(Math.sqrt(betaStart), Math.sqrt(betaEnd), count).map((root) => root * root);
    case 'squaredcos_cap_v2': {
      const signal = (time: number): number => Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2;
      const beta = (step: number): number => 1 - signal((step + 1) / count) / signal(step / count);
      return Float32Array.from({ length: count }, (_, step) => Math.min(beta(step), 0.999));
    }
  }
}

/** torch.linspace in float32, which counts from both ends and rounds each value once. */
function float32Linspace(start: number, end: number, count: number): Float32Array {
  const [first, last] = [Math.fround(start), Math.fround(end)];
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  return Float32Array.from({ length: count }, (_, i) =>
    i < count / 2 ? first + step * i : last - step * (count - 1 - i),
  );
}

function cumulativeProduct(betas: Float32Array): Float32Array {
  // torch keeps the running product in double precision and rounds what it stores.
  let product = 1;
  return betas.map((beta) => {
    product *= Math.fround(1 - beta);
    return product;
  });
}

/** Shifts and scales the schedule so that its last step is pure noise (Lin et al. 2024, algorithm 1). */
function zeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeProduct(betas).map(Math.sqrt);
  const first = elementAt(roots, 0);
  const last = elementAt(roots, roots.length - 1);
  const scale = Math.fround(first / Math.fround(first - last));
  const alphas = roots.map((root) => Math.fround(Math.fround(root - last) * scale) ** 2);
  return alphas.map((alpha, i) => 1 - Math.fround(i === 0 ? alpha : alpha / elementAt(alphas, i - 1)));
}
