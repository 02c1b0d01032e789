import type { Tensor } from '../../tensor.ts';
import { callModel, type Run, type Trajectory } from '../sampler.ts';
import type { SigmaSchedule } from '../schedule.ts';
import { elementAt, type Term, weightedSum } from '../vector.ts';
import {
  type DpmSolverOptions,
  integrand,
  isStochastic,
  logSnr,
  type StepWeights,
  slopeTerms,
  slopeWeight,
  stepWeights,
} from './dpm-solver.ts';

export interface DpmSinglestepOptions extends DpmSolverOptions {
  readonly lowerOrderFinal: boolean;
}

/**
 * Single step DPM-Solver and DPM-Solver++ (Lu et al. 2022): steps come in groups of `order` calls, and each call of a
 * group starts again from the group's first latent with one more derivative.
 */
export function* dpmSolverSinglestep(
  schedule: SigmaSchedule,
  { latent, from, to, noise }: Run,
  options: DpmSinglestepOptions,
): Trajectory {
  const { algorithm } = options;
  const orders = groupOrders(schedule, options);
  /** The latest first. */
  const history: Tensor[] = [];
  let start = latent;
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    history.unshift(integrand(algorithm, schedule, latent, output, i));
    history.splice(options.order);
    const fresh = isStochastic(algorithm) ? noise() : null;
    const order = Math.min(elementAt(orders, i), history.length);
    if (order === 1) start = latent;
    const first = i - order + 1;
    const weights = stepWeights(algorithm, elementAt(schedule.levels, first), elementAt(schedule.levels, i + 1));
    latent = weightedSum(
      [weights.latent, start],
      [weights.value, elementAt(history, order - 1)],
      ...derivativeTerms(schedule, i, history, order, weights, options.solver),
      ...(fresh ? [[weights.noise, fresh] as const] : []),
    );
  }
  return latent;
}

function derivativeTerms(
  { levels }: SigmaSchedule,
  i: number,
  history: readonly Tensor[],
  order: number,
  weights: StepWeights,
  solver: DpmSolverOptions['solver'],
): Term[] {
  if (order === 1) return [];
  const first = i - order + 1;
  const lambda = (index: number): number => logSnr(elementAt(levels, index));
  const h = lambda(i + 1) - lambda(first);
  const r0 = (lambda(i) - lambda(first)) / h;
  const [now, base] = [elementAt(history, 0), elementAt(history, order - 1)];
  if (order === 2) return slopeTerms(slopeWeight(weights, solver), now, base, r0);
  if (solver === 'midpoint') return slopeTerms(weights.slope, now, base, r0);

  const r1 = (lambda(i - 1) - lambda(first)) / h;
  const [onNow, onMiddle] = [
    (-weights.slope * r1 + 2 * weights.curvature) / (r0 - r1),
    (weights.slope * r0 - 2 * weights.curvature) / (r0 - r1),
  ];
  return [...slopeTerms(onNow, now, base, r0), ...slopeTerms(onMiddle, elementAt(history, 1), base, r1)];
}

/** The order of each call: 1, 2, ... in groups, with lower ones at the end where the groups do not come out even. */
function groupOrders({ timesteps, sigmas }: SigmaSchedule, { order, lowerOrderFinal }: DpmSinglestepOptions): number[] {
  const count = timesteps.length;
  const endsAtZero = sigmas.at(-1) === 0;
  const orders = Array.from({ length: count }, (_, i) => (i % order) + 1);
  if (!lowerOrderFinal && count % order === 0 && !endsAtZero) return orders;
  // A full last group would end in a call of the highest order: it gives way to lower ones.
  if (order === 3 && count % 3 === 0) orders.splice(count - 3, 3, 1, 2, 1);
  if (order === 2 && count % 2 === 0) orders.splice(count - 2, 2, 1, 1);
  if (endsAtZero) orders[count - 1] = 1;
  return orders;
}
