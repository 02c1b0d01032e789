import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictNoise, predictPicture, type TimestepSchedule } from '../schedule.ts';
import { elementAt, weightedSum } from '../vector.ts';

export interface DdimOptions {
  /** The share of DDPM's random noise: 0 is deterministic, 1 is DDPM's ancestral sampling. */
  readonly eta: number;
}

/** Denoising diffusion implicit models (Song et al. 2020, equation 12). */
export function* ddim(schedule: TimestepSchedule, { latent, from, to, noise }: Run, { eta }: DdimOptions): Trajectory {
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    const level = elementAt(schedule.levels, i);
    const target = elementAt(schedule.timesteps, i) - schedule.stride;
    const next = target >= 0 ? schedule.levelAt(target) : schedule.finalLevel;
    const random = eta * (next.noise / level.noise) * Math.sqrt(1 - (level.signal / next.signal) ** 2);
    latent = weightedSum(
      [next.signal, predictPicture(schedule, latent, output, i)],
      [Math.sqrt(next.noise ** 2 - random ** 2), predictNoise(schedule, latent, output, i)],
      ...(eta > 0 ? [[random, noise()] as const] : []),
    );
  }
  return latent;
}
