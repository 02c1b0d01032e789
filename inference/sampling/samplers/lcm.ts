import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictPicture, type TimestepSchedule } from '../schedule.ts';
import { elementAt, weightedSum } from '../vector.ts';

export interface LcmOptions {
  readonly timestepScaling: number;
}

/** The data deviation of the boundary condition: the consistency model is the identity at time 0. */
const SIGMA_DATA = 0.5;

/** Latent consistency models (Luo et al. 2023): jump to the picture, add less noise than before, jump again. */
export function* lcm(
  schedule: TimestepSchedule,
  { latent, from, to, noise }: Run,
  { timestepScaling }: LcmOptions,
): Trajectory {
  const last = schedule.timesteps.length - 1;
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    const time = elementAt(schedule.timesteps, i) * timestepScaling;
    const variance = time ** 2 + SIGMA_DATA ** 2;
    const picture = weightedSum(
      [time / Math.sqrt(variance), predictPicture(schedule, latent, output, i)],
      [SIGMA_DATA ** 2 / variance, latent],
    );
    if (i === last) return picture;
    const next = elementAt(schedule.levels, i + 1);
    latent = weightedSum([next.signal, picture], [next.noise, noise()]);
  }
  return latent;
}
