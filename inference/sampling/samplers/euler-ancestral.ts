import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictPicture, type SigmaSchedule } from '../schedule.ts';
import { elementAt, weightedSum } from '../vector.ts';

/** Ancestral sampling by Euler steps (k-diffusion): each step goes below its target and adds fresh noise up to it. */
export function* eulerAncestral(schedule: SigmaSchedule, { latent, from, to, noise }: Run): Trajectory {
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    const picture = predictPicture(schedule, latent, output, i);
    const sigma = elementAt(schedule.sigmas, i);
    const next = elementAt(schedule.sigmas, i + 1);
    const up = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2);
    const down = Math.sqrt(next ** 2 - up ** 2);
    latent = weightedSum([down / sigma, latent], [1 - down / sigma, picture], [up, noise()]);
  }
  return latent;
}
