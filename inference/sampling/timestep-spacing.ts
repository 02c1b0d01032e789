import type { TimestepSpacing } from '../checkpoint/configuration.ts';
import { roundHalfEven } from './rounding.ts';

export interface SpacingOptions {
  readonly spacing: TimestepSpacing;
  readonly numTrainTimesteps: number;
  readonly stepsOffset: number;
}

/**
 * Places `steps` timesteps, the noisiest first, with the last of them the last to be evaluated (Lin et al. 2024, table
 * 2; diffusers' Euler, Heun, LMS, DDIM and PNDM). With `linspace` they are fractions.
 */
export function spaceSteps(steps: number, options: SpacingOptions): number[] {
  const { spacing, numTrainTimesteps, stepsOffset } = options;
  switch (spacing) {
    case 'linspace':
      return linspace(0, numTrainTimesteps - 1, steps).reverse();
    case 'leading':
      return multiples(Math.floor(numTrainTimesteps / steps), steps, stepsOffset).reverse();
    case 'trailing':
      return trailing(steps, options);
  }
}

/**
 * Places `steps` whole timesteps between `steps + 1` fence posts of which the least noisy is not evaluated (diffusers'
 * DPM-Solver, UniPC and DEIS).
 */
export function spaceIntervals(steps: number, options: SpacingOptions): number[] {
  const { spacing, numTrainTimesteps, stepsOffset } = options;
  switch (spacing) {
    case 'linspace':
      return linspace(0, numTrainTimesteps - 1, steps + 1)
        .map(roundHalfEven)
        .reverse()
        .slice(0, -1);
    case 'leading':
      return multiples(Math.floor(numTrainTimesteps / (steps + 1)), steps + 1, stepsOffset)
        .reverse()
        .slice(0, -1);
    case 'trailing':
      return trailing(steps, options);
  }
}

/** `count` numbers from `start` to `end` inclusive, as numpy.linspace; one number is `start`. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => (i > 0 && i === count - 1 ? end : i * step + start));
}

function multiples(stride: number, count: number, offset: number): number[] {
  return Array.from({ length: count }, (_, i) => i * stride + offset);
}

/** Counts down from the end; the rounding and the number of steps are those of numpy.arange. */
function trailing(steps: number, { numTrainTimesteps }: SpacingOptions): number[] {
  const step = -numTrainTimesteps / steps;
  const difference = numTrainTimesteps + step - numTrainTimesteps;
  const count = Math.ceil(-numTrainTimesteps / step);
  return Array.from({ length: count }, (_, i) => roundHalfEven(numTrainTimesteps + i * difference) - 1);
}
