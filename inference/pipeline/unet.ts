import type { Tensor } from '../tensor.ts';

/** What a UNet row is drawn under, besides its latent and timestep. */
export interface Conditioning {
  /** Text: [1, tokens, width]. */
  readonly context: Tensor;
  /** Pooled text: [1, width]. */
  readonly pooled: Tensor;
  /** Sizes, crop and target (or aesthetic score): [1, 6] or [1, 5]. */
  readonly timeIds: Tensor;
}

/** The rows of a UNet's one forward pass; the batch is the first dimension of everything. */
export interface UnetBatch {
  readonly sample: Tensor;
  readonly timesteps: Float32Array;
  readonly context: Tensor;
  readonly pooled: Tensor;
  readonly timeIds: Tensor;
}

export interface Unet {
  /** One forward pass: [rows, channels, height, width]. */
  forward(batch: UnetBatch): Promise<Tensor>;
}

/** What one picture asks of a UNet for one step: the same latent under one conditioning (unguided) or two. */
export interface UnetCall {
  /** [1, channels, height, width], already scaled for the model. */
  readonly sample: Tensor;
  readonly timestep: number;
  readonly conditionings: readonly Conditioning[];
}

export interface UnetAnswer {
  /** One output for each conditioning of the call, in order: [1, channels, height, width]. */
  readonly outputs: readonly Tensor[];
  /** The call's share of the pass, by rows. */
  readonly seconds: number;
}
