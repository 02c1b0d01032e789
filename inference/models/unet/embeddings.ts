import type { Activation, Value } from '../../graph/graph.ts';
import { Linear, silu } from '../../graph/layers.ts';
import { Module } from '../../graph/module.ts';
import { concat, cos, multiply, reshape, sin } from '../../graph/ops.ts';

/** Period of the slowest sinusoid, in timesteps over 2 pi. */
const MAX_PERIOD = 10_000;

/**
 * Sinusoids of a number at geometrically falling frequencies (Vaswani et al. 2017; in float32, whatever the rest
 * computes in, as timesteps need it): x [N] -> [N, width].
 */
export class Sinusoids extends Module<[Value<'float32'>], Value<'float32'>> {
  readonly #width: number;
  readonly #flipSinToCos: boolean;
  readonly #freqShift: number;

  constructor(width: number, options: { readonly flipSinToCos: boolean; readonly freqShift: number }) {
    super();
    this.#width = width;
    this.#flipSinToCos = options.flipSinToCos;
    this.#freqShift = options.freqShift;
  }

  protected forward(x: Value<'float32'>): Value<'float32'> {
    const half = this.#width / 2;
    const frequencies = Float32Array.from({ length: half }, (_, i) =>
      Math.exp(Math.fround(Math.fround(-Math.log(MAX_PERIOD) * i) / (half - this.#freqShift))),
    );
    const angles = multiply(reshape(x, [-1, 1]), x.graph.floats(frequencies, [1, half]));
    const [sines, cosines] = [sin(angles), cos(angles)];
    return concat(this.#flipSinToCos ? [cosines, sines] : [sines, cosines], -1);
  }
}

/** A conditioning vector through two linear layers: [B, in] -> [B, width]. */
export class ConditionEmbedding extends Module {
  readonly linear_1: Linear;
  readonly linear_2: Linear;

  constructor(inFeatures: number, width: number) {
    super();
    this.linear_1 = new Linear(inFeatures, width);
    this.linear_2 = new Linear(width, width);
  }

  protected forward(x: Activation): Activation {
    return this.linear_2.call(silu(this.linear_1.call(x)));
  }
}
