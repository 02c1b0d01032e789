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
export interface UnetBatch extends DeepFeatures<Tensor> {
  readonly sample: Tensor;
  readonly timesteps: Float32Array;
  readonly context: Tensor;
  readonly pooled: Tensor;
  readonly timeIds: Tensor;
}

export interface Unet {
  /** One forward pass. */
  forward(batch: UnetBatch): Promise<UnetOutput>;
}

export interface UnetOutput {
  /** [rows, channels, height, width] */
  readonly prediction: Tensor;
  /** [rows, features, height, width]; only where it was asked for. */
  readonly deep?: Tensor;
}

/**
 * What becomes of the coarser levels' features, which change little from step to step: they are returned for the next
 * steps, or those of an earlier step are taken instead of being computed.
 */
export type DeepFeatures<Kept> = { readonly deep?: 'return' | Kept };

/** What one picture asks of a UNet for one step: the same latent under one conditioning (unguided) or two. */
export interface UnetCall extends DeepFeatures<readonly Tensor[]> {
  /** [1, channels, height, width], already scaled for the model. */
  readonly sample: Tensor;
  readonly timestep: number;
  readonly conditionings: readonly Conditioning[];
}

export interface UnetAnswer {
  /** One output for each conditioning of the call, in order: [1, channels, height, width]. */
  readonly outputs: readonly Tensor[];
  /** The features of each, where the call asked for them. */
  readonly deep?: readonly Tensor[];
  /** The call's share of the pass, by rows. */
  readonly seconds: number;
}
