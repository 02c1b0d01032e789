import { EngineError } from '../../../commands/engine.ts';
import type { Tensor } from '../../tensor.ts';
import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { noiseAt, type TimestepSchedule } from '../schedule.ts';
import { elementAt, type Term, weightedSum } from '../vector.ts';

/** A schedule whose first `warmUp` calls are Runge-Kutta's, four a step. */
export interface PndmSchedule extends TimestepSchedule {
  readonly warmUp: number;
}

/** Steps that Runge-Kutta's method takes before there is a history to extrapolate from. */
const WARM_UP_STEPS = 3;

/** Adams-Bashforth weights of the latest outputs, by how many there are. */
const WEIGHTS: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/**
 * Pseudo numerical methods (Liu et al. 2022): a linear multistep of the outputs and then a step along the manifold of
 * noise levels. Without warm-up (Stable Diffusion's form, "PLMS") the second call repairs the first step instead.
 */
export function* pndm(schedule: PndmSchedule, run: Run): Trajectory {
  /** Outputs, the latest first. */
  const history: Tensor[] = [];
  let { latent } = run;
  /** Where the step began that is being repaired or refined. */
  let start = latent;
  let runge: Term[] = [];
  for (let i = run.from; i < run.to; i++) {
    const output = yield callModel(schedule, latent, i);
    const call = i - run.from;
    const timestep = elementAt(schedule.timesteps, i);
    if (call < schedule.warmUp) {
      const stage = call % 4;
      if (stage === 0) {
        history.unshift(output);
        start = latent;
        runge = [];
      }
      runge.push([stage === 0 || stage === 3 ? 1 / 6 : 1 / 3, output]);
      const [first, ...rest] = runge;
      const direction = stage === 3 && first ? weightedSum(first, ...rest) : output;
      const half = stage % 2 === 0 ? Math.floor(schedule.stride / 2) : 0;
      latent = transfer(schedule, start, direction, elementAt(schedule.timesteps, call - stage), timestep - half);
    } else if (call === 1) {
      const mean = weightedSum([0.5, output], [0.5, elementAt(history, 0)]);
      latent = transfer(schedule, start, mean, timestep + schedule.stride, timestep);
    } else {
      history.unshift(output);
      history.splice(WEIGHTS.length);
      start = latent;
      const [first, ...rest] = history.map((past, k): Term => [weightOf(history.length, k), past]);
      const direction = first ? weightedSum(first, ...rest) : output;
      latent = transfer(schedule, start, direction, timestep, timestep - schedule.stride);
    }
  }
  return latent;
}

/** Puts the calls of the warm-up, or of the repaired first step, before those of a plain schedule. */
export function pndmSchedule(plain: TimestepSchedule, skipWarmUp: boolean): PndmSchedule {
  const { timesteps } = plain;
  const calls = skipWarmUp ? repaired(timesteps) : warmedUp(timesteps, plain.stride);
  return { ...plain, timesteps: calls, levels: calls.map(plain.levelAt), warmUp: skipWarmUp ? 0 : WARM_UP_STEPS * 4 };
}

function repaired(timesteps: readonly number[]): number[] {
  return timesteps.flatMap((timestep, i) => (i === 1 ? [timestep, timestep] : [timestep]));
}

function warmedUp(timesteps: readonly number[], stride: number): number[] {
  if (timesteps.length <= WARM_UP_STEPS) {
    throw new EngineError(
      'invalid',
      `This sampler takes at least ${WARM_UP_STEPS + 1} steps, not ${timesteps.length}.`,
    );
  }
  const half = Math.floor(stride / 2);
  const warmUp = Array.from({ length: WARM_UP_STEPS }, (_, step) => {
    const next = elementAt(timesteps, step + 1);
    return [elementAt(timesteps, step), next + half, next + half, next];
  });
  return [...warmUp.flat(), ...timesteps.slice(WARM_UP_STEPS)];
}

function weightOf(count: number, k: number): number {
  return elementAt(elementAt(WEIGHTS, count - 1), k);
}

/** Moves a latent between two timesteps' noise levels along the predicted noise (equation 9 of the paper). */
function transfer(schedule: PndmSchedule, latent: Tensor, output: Tensor, from: number, to: number): Tensor {
  const level = schedule.levelAt(from);
  const next = to >= 0 ? schedule.levelAt(to) : schedule.finalLevel;
  const predicted = noiseAt(level, schedule.prediction, latent, output);
  const weight =
    (next.signal ** 2 - level.signal ** 2) /
    (level.signal ** 2 * next.noise + level.signal * level.noise * next.signal);
  return weightedSum([next.signal / level.signal, latent], [-weight, predicted]);
}
