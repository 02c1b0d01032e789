import { EngineError } from '../../commands/engine.ts';
import { roundHalfEven } from './rounding.ts';
import type { CallRange } from './sampler.ts';
import type { Schedule } from './schedule.ts';

/** Which part of a schedule to run. Shares are of the training's noise, as in diffusers. */
export interface RangeOptions {
  /** The share after which another model takes over: the base's `denoising_end`. */
  readonly end?: number;
  /** The share at which this model takes over: the refiner's `denoising_start`. */
  readonly start?: number;
  /** Picture to picture: how far from the picture, 1 being all the way. */
  readonly strength?: number;
}

/**
 * The calls to run of `steps` asked for. A model keeps the timesteps on its side of the cutoff, so a whole number of
 * calls falls to each and none to both (Podell et al. 2023, section 2.5). Throws an `invalid` EngineError where no call
 * is left.
 */
export function callRange(
  schedule: Schedule,
  steps: number,
  numTrainTimesteps: number,
  { end, start, strength }: RangeOptions = {},
): CallRange {
  const { timesteps, callsPerStep } = schedule;
  const cutoff = (share: number): number => roundHalfEven(numTrainTimesteps - share * numTrainTimesteps);
  const range = { from: 0, to: timesteps.length };
  if (start !== undefined) {
    const limit = cutoff(start);
    const count = timesteps.filter((timestep) => timestep < limit).length;
    // The first call of a two-call step is single, all others come in pairs: an even count would begin inside a step.
    range.from = timesteps.length - (callsPerStep === 2 && count % 2 === 0 ? count + 1 : count);
  } else if (strength !== undefined) {
    const taken = Math.min(Math.trunc(steps * strength), steps);
    range.from = taken === 0 ? timesteps.length : Math.max(steps - taken, 0) * callsPerStep;
  }
  if (end !== undefined) {
    const limit = cutoff(end);
    const kept = timesteps.slice(range.from).filter((timestep) => timestep >= limit).length;
    range.to = range.from + kept;
  }
  if (range.from >= range.to) throw new EngineError('invalid', emptyRange(steps, { end, start, strength }));
  return range;
}

function emptyRange(
  steps: number,
  { end, start, strength }: { [Key in keyof RangeOptions]: number | undefined },
): string {
  if (strength !== undefined && Math.trunc(steps * strength) === 0) {
    return `A strength of ${strength} leaves no step of ${steps}: ask for at least ${Math.ceil(1 / strength)} steps, or more strength.`;
  }
  const part = start === undefined ? `the first ${end}` : `what follows ${start}`;
  return `No step of ${steps} falls in ${part} of the noise: ask for more steps, or another share for the refiner.`;
}
