import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictPicture, type SigmaSchedule } from '../schedule.ts';
import { elementAt, weightedSum } from '../vector.ts';

/**
 * Heun's method (Karras et al. 2022, algorithm 1): an Euler step, then the same step along the mean of the slopes at
 * both of its ends. Runs on a schedule with doubled calls; a range that ends within a step leaves the Euler step.
 */
export function* heun(schedule: SigmaSchedule, { latent, from, to }: Run): Trajectory {
  for (let i = from; i < to; i += 2) {
    const sigma = elementAt(schedule.sigmas, i);
    const next = elementAt(schedule.sigmas, i + 1);
    const start = latent;
    const picture = predictPicture(schedule, start, yield callModel(schedule, start, i), i);
    latent = weightedSum([next / sigma, start], [1 - next / sigma, picture]);
    if (i + 1 === Math.min(to, schedule.timesteps.length)) return latent;
    const nextPicture = predictPicture(schedule, latent, yield callModel(schedule, latent, i + 1), i + 1);
    const half = (next - sigma) / 2;
    latent = weightedSum(
      [1 + half / sigma, start],
      [-half / sigma, picture],
      [half / next, latent],
      [-half / next, nextPicture],
    );
  }
  return latent;
}
