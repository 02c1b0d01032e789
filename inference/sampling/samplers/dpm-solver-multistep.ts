import type { Tensor } from '../../tensor.ts';
import { callModel, type Run, type Trajectory } from '../sampler.ts';
import type { SigmaSchedule } from '../schedule.ts';
import { elementAt, type Term, weightedSum } from '../vector.ts';
import {
  type DpmSolverOptions,
  integrand,
  isStochastic,
  logSnr,
  slopeTerms,
  slopeWeight,
  stepWeights,
} from './dpm-solver.ts';

export interface DpmMultistepOptions extends DpmSolverOptions {
  /** Fall back to lower orders in the last steps of a short schedule, which is steadier. */
  readonly lowerOrderFinal: boolean;
  /** Take the last step by Euler's method whatever the schedule's length. */
  readonly eulerAtFinal: boolean;
}

/** With this many steps or more the last ones are short enough for the full order. */
const LONG_SCHEDULE = 15;

/** Multistep DPM-Solver and DPM-Solver++ (Lu et al. 2022): derivatives come from the model's earlier outputs. */
export function* dpmSolverMultistep(
  schedule: SigmaSchedule,
  { latent, from, to, noise }: Run,
  options: DpmMultistepOptions,
): Trajectory {
  const { algorithm } = options;
  /** The latest first. */
  const history: Tensor[] = [];
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    history.unshift(integrand(algorithm, schedule, latent, output, i));
    history.splice(options.order);
    const fresh = isStochastic(algorithm) ? noise() : null;
    const order = Math.min(history.length, highestOrder(schedule, i, options));
    const weights = stepWeights(algorithm, elementAt(schedule.levels, i), elementAt(schedule.levels, i + 1));
    latent = weightedSum(
      [weights.latent, latent],
      [weights.value, elementAt(history, 0)],
      ...derivativeTerms(schedule, i, history, order, options),
      ...(fresh ? [[weights.noise, fresh] as const] : []),
    );
  }
  return latent;
}

function highestOrder(
  { timesteps, sigmas }: SigmaSchedule,
  i: number,
  { order, lowerOrderFinal, eulerAtFinal }: DpmMultistepOptions,
): number {
  const stepsLeft = timesteps.length - i;
  const lowers = lowerOrderFinal && timesteps.length < LONG_SCHEDULE;
  // To zero noise lambda is infinite, and so would be the higher orders' weights.
  if (stepsLeft === 1 && (lowers || eulerAtFinal || sigmas.at(-1) === 0)) return 1;
  return stepsLeft === 2 && lowers ? Math.min(order, 2) : order;
}

function derivativeTerms(
  { levels }: SigmaSchedule,
  i: number,
  history: readonly Tensor[],
  order: number,
  { algorithm, solver }: DpmSolverOptions,
): Term[] {
  if (order === 1) return [];
  const weights = stepWeights(algorithm, elementAt(levels, i), elementAt(levels, i + 1));
  const lambda = (index: number): number => logSnr(elementAt(levels, index));
  const h = lambda(i + 1) - lambda(i);
  const r0 = (lambda(i) - lambda(i - 1)) / h;
  const [now, before] = [elementAt(history, 0), elementAt(history, 1)];
  if (order === 2) return slopeTerms(slopeWeight(weights, solver), now, before, r0);

  const r1 = (lambda(i - 1) - lambda(i - 2)) / h;
  const bend = (weights.slope * r0 + weights.curvature) / (r0 + r1);
  return [
    ...slopeTerms(weights.slope + bend, now, before, r0),
    ...slopeTerms(-bend, before, elementAt(history, 2), r1),
  ];
}
