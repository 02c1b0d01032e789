import type { Tensor } from '../tensor.ts';
import { modelInput, type Schedule } from './schedule.ts';

/** What a sampler asks of the model: one evaluation. */
export interface ModelCall {
  /** Index into the schedule. */
  readonly index: number;
  /**
   * The latent as it is before this call, at the noise level of `index`. Inpainting writes into it before it has the call
   * evaluated, and the trajectory goes on from that; nobody else changes it.
   */
  readonly latent: Tensor;
  /** `latent`, scaled for the model. */
  readonly input: Tensor;
  readonly timestep: number;
}

/**
 * A picture on its way. It yields what it wants evaluated, is resumed with the model's (guided) output, and returns the
 * last latent. Whoever drives it may stop between any two calls.
 */
export type Trajectory = Generator<ModelCall, Tensor, Tensor>;

/** Calls `from` (inclusive) to `to` (exclusive) of a schedule. */
export interface CallRange {
  readonly from: number;
  readonly to: number;
}

/** What a trajectory begins with. */
export interface Run extends CallRange {
  /** At the noise level of call `from`. */
  readonly latent: Tensor;
  /** Draws standard normal noise of the latent's shape; called once for each random step, in order. */
  noise(): Tensor;
}

/** A solver bound to its schedule. */
export interface Sampler<S extends Schedule = Schedule> {
  readonly schedule: S;
  run(run: Run): Trajectory;
}

export function callModel(schedule: Schedule, latent: Tensor, index: number): ModelCall {
  return {
    index,
    latent,
    input: modelInput(schedule, latent, index),
    timestep: schedule.timesteps[index] ?? Number.NaN,
  };
}
