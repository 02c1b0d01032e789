import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictNoise, predictPicture, type TimestepSchedule } from '../schedule.ts';
import { elementAt, weightedSum } from '../vector.ts';

export interface TcdOptions {
  /** How random a step is (gamma in the paper): 0 is deterministic. */
  readonly eta: number;
}

/** Trajectory consistency distillation (Zheng et al. 2024, algorithm 4): jump below the next level, add noise up to it. */
export function* tcd(schedule: TimestepSchedule, { latent, from, to, noise }: Run, { eta }: TcdOptions): Trajectory {
  const last = schedule.timesteps.length - 1;
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    const target = i < last ? elementAt(schedule.timesteps, i + 1) : 0;
    const below = schedule.levelAt(Math.floor((1 - eta) * target));
    latent = weightedSum(
      [below.signal, predictPicture(schedule, latent, output, i)],
      [below.noise, predictNoise(schedule, latent, output, i)],
    );
    if (eta > 0 && i < last) {
      const kept = schedule.levelAt(target).signal / below.signal;
      latent = weightedSum([kept, latent], [Math.sqrt(1 - kept ** 2), noise()]);
    }
  }
  return latent;
}
