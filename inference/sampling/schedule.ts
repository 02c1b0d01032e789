import type { EdmConfig, PredictionType } from '../checkpoint/configuration.ts';
import type { Tensor } from '../tensor.ts';
import { clamp, elementAt, weightedSum } from './vector.ts';

/**
 * How much picture and how much noise a latent holds: latent = signal * picture + noise * normal noise. Two families
 * are common: variance preserving, signal^2 + noise^2 = 1 (Song et al. 2021: DDPM), and variance exploding, signal = 1,
 * where `noise` is Karras et al.'s sigma.
 */
export interface NoiseLevel {
  readonly signal: number;
  readonly noise: number;
}

/** How the model's output is to be read. */
export interface Prediction {
  readonly type: PredictionType;
  /** Set for a model in EDM's formulation, which scales input and output by its data's deviation. */
  readonly edm: EdmConfig | null;
  /** The largest value of a predicted picture; null where it is not clipped. */
  readonly clip: number | null;
}

/** Where the model is called, and at what noise. */
export interface Schedule {
  /** One for each call, the noisiest first. */
  readonly timesteps: readonly number[];
  /** The noise level of the latent at each call, and (where a schedule by sigmas) after the last. */
  readonly levels: readonly NoiseLevel[];
  readonly prediction: Prediction;
  /** What standard normal noise is multiplied by to be the first latent. */
  readonly initialNoiseSigma: number;
  /** Calls that make a step: 2 for Heun's. */
  readonly callsPerStep: 1 | 2;
}

/** A schedule by noise levels: `levels` has one more entry, where the last call leads. */
export interface SigmaSchedule extends Schedule {
  /** Noise to signal of each level, float32. */
  readonly sigmas: readonly number[];
}

/** A schedule by whole training timesteps, whose solvers look up noise levels between calls. */
export interface TimestepSchedule extends Schedule {
  levelAt(timestep: number): NoiseLevel;
  /** The level that follows the last timestep, "before 0". */
  readonly finalLevel: NoiseLevel;
  /** Training timesteps between two steps, rounded down. */
  readonly stride: number;
}

/** The latent as the model wants it: of unit variance. */
export function modelInput({ levels, prediction }: Schedule, latent: Tensor, call: number): Tensor {
  const { signal, noise } = elementAt(levels, call);
  const variance = prediction.edm ? noise ** 2 + prediction.edm.sigmaData ** 2 : signal ** 2 + noise ** 2;
  return Math.abs(variance - 1) < VARIANCE_ROUNDING ? latent : weightedSum([1 / Math.sqrt(variance), latent]);
}

/** Variance preserving levels have unit variance but for their rounding to float32. */
const VARIANCE_ROUNDING = 1e-6;

/** The picture's latent that the model's output at this call implies: what would remain if all noise were taken away. */
export function predictPicture(schedule: Schedule, latent: Tensor, output: Tensor, call: number): Tensor {
  const [a, b] = pictureWeights(schedule.prediction, elementAt(schedule.levels, call));
  const picture = weightedSum([a, latent], [b, output]);
  return schedule.prediction.clip === null ? picture : clamp(picture, schedule.prediction.clip);
}

/** The noise that the model's output at this call implies (not clipped). */
export function predictNoise(schedule: Schedule, latent: Tensor, output: Tensor, call: number): Tensor {
  return noiseAt(elementAt(schedule.levels, call), schedule.prediction, latent, output);
}

/** As `predictNoise`, for a noise level that is not a call's. */
export function noiseAt(level: NoiseLevel, prediction: Prediction, latent: Tensor, output: Tensor): Tensor {
  if (prediction.type === 'epsilon' && !prediction.edm) return output;
  const [a, b] = pictureWeights(prediction, level);
  return weightedSum([(1 - level.signal * a) / level.noise, latent], [(-level.signal * b) / level.noise, output]);
}

/** Adds noise to a picture's latent so that sampling can begin at this call. */
export function addNoise(schedule: Schedule, picture: Tensor, noise: Tensor, call: number): Tensor {
  const level = elementAt(schedule.levels, call);
  return weightedSum([level.signal, picture], [level.noise, noise]);
}

/** The weights of latent and output in the predicted picture. */
function pictureWeights({ type, edm }: Prediction, { signal, noise }: NoiseLevel): [number, number] {
  if (edm) {
    // Karras et al. 2022, table 1: c_skip and c_out.
    const variance = noise ** 2 + edm.sigmaData ** 2;
    const out = (noise * edm.sigmaData) / Math.sqrt(variance);
    return [edm.sigmaData ** 2 / variance, type === 'v_prediction' ? -out : out];
  }
  switch (type) {
    case 'epsilon':
      return [1 / signal, -noise / signal];
    case 'v_prediction': {
      // Salimans and Ho 2022, of a latent scaled to unit variance.
      const variance = signal ** 2 + noise ** 2;
      return [signal / variance, -noise / Math.sqrt(variance)];
    }
    case 'sample':
      return [0, 1];
  }
}
