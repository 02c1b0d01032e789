import type { Tensor } from '../../tensor.ts';
import { solveLinear } from '../linear-system.ts';
import { callModel, type Run, type Trajectory } from '../sampler.ts';
import { predictNoise, predictPicture, type SigmaSchedule } from '../schedule.ts';
import { elementAt, type Term, weightedSum } from '../vector.ts';
import { logSnr } from './dpm-solver.ts';

export interface UniPcOptions {
  readonly order: number;
  /** The function B(h) of the paper: h itself, or e^h - 1. */
  readonly solver: 'bh1' | 'bh2';
  readonly lowerOrderFinal: boolean;
  /** Solve for the picture rather than for the noise. */
  readonly predictX0: boolean;
  /** Steps whose result is not corrected. */
  readonly disableCorrector: readonly number[];
}

/**
 * UniPC (Zhao et al. 2023): a multistep predictor, whose last result each new output of the model first corrects, at no
 * further call.
 */
export function* uniPc(schedule: SigmaSchedule, { latent, from, to }: Run, options: UniPcOptions): Trajectory {
  /** Integrands, the latest first. */
  const history: Tensor[] = [];
  let last: { latent: Tensor; order: number } | null = null;
  for (let i = from; i < to; i++) {
    const output = yield callModel(schedule, latent, i);
    const value = options.predictX0
      ? predictPicture(schedule, latent, output, i)
      : predictNoise(schedule, latent, output, i);
    if (last !== null && !options.disableCorrector.includes(i - 1)) {
      latent = step(schedule, i - 1, last.latent, history, last.order, options, value);
    }
    history.unshift(value);
    history.splice(options.order);
    const stepsLeft = schedule.timesteps.length - i;
    const order = Math.min(history.length, options.lowerOrderFinal ? stepsLeft : options.order);
    last = { latent, order };
    latent = step(schedule, i, latent, history, order, options, null);
  }
  return latent;
}

/** One step from level `i` to the next: predicted, or corrected where the value `reached` there is known. */
function step(
  { levels }: SigmaSchedule,
  i: number,
  latent: Tensor,
  history: readonly Tensor[],
  order: number,
  { solver, predictX0 }: UniPcOptions,
  reached: Tensor | null,
): Tensor {
  const [start, end] = [elementAt(levels, i), elementAt(levels, i + 1)];
  const h = logSnr(end) - logSnr(start);
  const signedH = predictX0 ? -h : h;
  const phi = Math.expm1(signedH);
  const scale = solver === 'bh1' ? signedH : phi;
  const distances = Array.from(
    { length: order - 1 },
    (_, k) => (logSnr(elementAt(levels, i - k - 1)) - logSnr(start)) / h,
  );
  const now = elementAt(history, 0);
  const points: [distance: number, value: Tensor][] = distances.map((r, k) => [r, elementAt(history, k + 1)]);
  if (reached) points.push([1, reached]);
  const weights = pointWeights(
    points.map(([distance]) => distance),
    signedH,
    scale,
  );

  const [keep, size] = predictX0 ? [end.noise / start.noise, end.signal] : [end.signal / start.signal, end.noise];
  const terms = points.flatMap(([distance, value], k): Term[] => {
    const weight = (-size * scale * elementAt(weights, k)) / distance;
    return [
      [weight, value],
      [-weight, now],
    ];
  });
  return weightedSum([keep, latent], [-size * phi, now], ...terms);
}

/** The weights that make the step exact for polynomials of the points' number (section 3.2 of the paper). */
function pointWeights(distances: readonly number[], h: number, scale: number): number[] {
  // Of one point the paper's choice is a half, which is the limit for small steps.
  if (distances.length <= 1) return distances.map(() => 0.5);
  const moments: number[] = [];
  let phi = Math.expm1(h) / h - 1;
  let factorial = 1;
  for (let k = 1; k <= distances.length; k++) {
    moments.push((phi * factorial) / scale);
    factorial *= k + 1;
    phi = phi / h - 1 / factorial;
  }
  return solveLinear(
    moments.map((_, power) => distances.map((distance) => distance ** power)),
    moments,
  );
}
