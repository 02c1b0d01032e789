import type { Tensor } from '../../tensor.ts';
import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictNoise, type SigmaSchedule } from '../schedule.ts';
import { elementAt, type Term, weightedSum } from '../vector.ts';

export interface DeisOptions {
  readonly order: number;
  readonly lowerOrderFinal: boolean;
}

/** With this many steps or more the last ones are short enough for the full order. */
const LONG_SCHEDULE = 15;

/**
 * Diffusion exponential integrator (Zhang and Chen 2022, the log-rho Adams-Bashforth kind): the predicted noise is
 * extrapolated by a polynomial in log sigma, which is integrated exactly over sigma.
 */
export function* deis(schedule: SigmaSchedule, { latent, from, to }: Run, options: DeisOptions): Trajectory {
  /** Predicted noise, the latest first. */
  const history: Tensor[] = [];
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    history.unshift(predictNoise(schedule, latent, output, i));
    history.splice(options.order);
    const stepsLeft = schedule.timesteps.length - i;
    const lowers = options.lowerOrderFinal && schedule.timesteps.length < LONG_SCHEDULE;
    const order = Math.min(history.length, lowers ? stepsLeft : options.order);
    const logs = Array.from({ length: order }, (_, k) => Math.log(elementAt(schedule.sigmas, i - k)));
    const [start, end] = [elementAt(schedule.levels, i), elementAt(schedule.levels, i + 1)];
    const terms = logs.map((_, k): Term => {
      const at = (sigma: number): number => basisIntegral(logs, k, sigma);
      const weight = at(elementAt(schedule.sigmas, i + 1)) - at(elementAt(schedule.sigmas, i));
      return [end.signal * weight, elementAt(history, k)];
    });
    latent = weightedSum([end.signal / start.signal, latent], ...terms);
  }
  return latent;
}

/**
 * The antiderivative at `sigma` of the Lagrange polynomial in log sigma that is 1 at logs[k] and 0 at the others: with
 * l = log sigma, the integrals of 1, l and l^2 are sigma, sigma (l - 1) and sigma (l^2 - 2 l + 2).
 */
function basisIntegral(logs: readonly number[], k: number, sigma: number): number {
  const l = Math.log(sigma);
  const own = elementAt(logs, k);
  const others = logs.filter((_, j) => j !== k);
  const scale = others.reduce((product, other) => product * (own - other), 1);
  const sum = others.reduce((total, other) => total + other, 0);
  const product = others.reduce((total, other) => total * other, 1);
  if (others.length === 0) return sigma;
  if (others.length === 1) return (sigma * (l - 1 - sum)) / scale;
  return (sigma * (l ** 2 - 2 * l + 2 - sum * (l - 1) + product)) / scale;
}
