import type { Tensor } from '../../tensor.ts';
import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictPicture, type SigmaSchedule } from '../schedule.ts';
import { elementAt, type Term, weightedSum } from '../vector.ts';

/** Slopes that a step takes into account. */
const ORDER = 4;

/** A linear multistep (Adams-Bashforth) method on the uneven grid of sigmas (k-diffusion). */
export function* lms(schedule: SigmaSchedule, { latent, from, to }: Run): Trajectory {
  /** The latest first. */
  const slopes: Tensor[] = [];
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    const picture = predictPicture(schedule, latent, output, i);
    const sigma = elementAt(schedule.sigmas, i);
    slopes.unshift(weightedSum([1 / sigma, latent], [-1 / sigma, picture]));
    slopes.splice(ORDER);
    // As in diffusers, the order follows the schedule's index: a run that begins in the middle misses some slopes.
    const grid = schedule.sigmas.slice(Math.max(i + 1 - ORDER, 0), i + 1).reverse();
    const end = elementAt(schedule.sigmas, i + 1);
    const terms = slopes.map((slope, k): Term => [integrateBasis(grid, k, end), slope]);
    latent = weightedSum([1, latent], ...terms);
  }
  return latent;
}

/** The integral from grid[0] to `end` of the Lagrange polynomial that is 1 at grid[k] and 0 at the others. */
function integrateBasis(grid: readonly number[], k: number, end: number): number {
  const start = elementAt(grid, 0);
  const own = elementAt(grid, k);
  const [middle, half] = [(start + end) / 2, (end - start) / 2];
  const basis = (x: number): number =>
    grid.reduce((product, node, j) => (j === k ? product : (product * (x - node)) / (own - node)), 1);
  // Gauss-Legendre with two points is exact to degree 3, which is that of four nodes.
  const offset = half / Math.sqrt(3);
  return half * (basis(middle - offset) + basis(middle + offset));
}
