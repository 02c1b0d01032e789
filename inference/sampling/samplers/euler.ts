import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictPicture, type SigmaSchedule } from '../schedule.ts';
import { elementAt, weightedSum } from '../vector.ts';

/** Euler's method on the probability flow (Karras et al. 2022, algorithm 1 without churn). */
export function* euler(schedule: SigmaSchedule, { latent, from, to }: Run): Trajectory {
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    const picture = predictPicture(schedule, latent, output, i);
    const remaining = elementAt(schedule.sigmas, i + 1) / elementAt(schedule.sigmas, i);
    latent = weightedSum([remaining, latent], [1 - remaining, picture]);
  }
  return latent;
}
