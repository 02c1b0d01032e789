import type { LowRankBranch } from './adapters.ts';
import type { Activation, Value } from './graph.ts';
import type { ConvGeometry, GroupNormOptions, KernelGeometry } from './lowering/lowering.ts';
import { Module } from './module.ts';
import { add, cast, flatten, gather, scaled } from './ops.ts';
import { Parameter } from './parameter.ts';

const POINTWISE: ConvGeometry = { stride: 1, padding: { top: 0, left: 0, bottom: 0, right: 0 } };

/** x [M, in] -> [M, out] */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  /** @param options.asConvolution whether the checkpoint holds the weight as a 1 x 1 convolution's */
  constructor(
    inFeatures: number,
    outFeatures: number,
    options: { readonly bias?: boolean; readonly asConvolution?: boolean } = {},
  ) {
    super();
    const { bias = true, asConvolution = false } = options;
    this.weight = asConvolution ? new Parameter(outFeatures, inFeatures, 1, 1) : new Parameter(outFeatures, inFeatures);
    this.bias = bias ? new Parameter(outFeatures) : null;
  }

  /** Only the outputs from `start` up to `end`, by that range of the weight's rows. */
  callRows(x: Activation, start: number, end: number): Activation {
    return x.graph.within(this.path, () =>
      linear(x, this.weight.rows(start, end), this.bias?.rows(start, end) ?? null),
    );
  }

  protected forward(x: Activation): Activation {
    return linear(x, this.weight, this.bias);
  }
}

function linear(x: Activation, weight: Parameter, bias: Parameter | null): Activation {
  const { graph, type } = x;
  const { lowering } = graph;
  const offset = bias?.as(type, graph) ?? null;
  const quantized = weight.integersBesideBranches(x);
  if (quantized !== null) {
    return addBranches(x, lowering.quantizedLinear(x, quantized.integers, offset), quantized.branches);
  }
  const { weight: kernel, branches } = weight.besideBranches(x);
  const matrix = weight.shape.length === 2 ? kernel : flatten(kernel);
  return addBranches(x, lowering.linear(x, matrix, offset), branches);
}

/** In as few nodes as can be: what ONNX Runtime takes to start a session grows faster than their number. */
function addBranches(x: Activation, result: Activation, branches: readonly LowRankBranch[]): Activation {
  const { lowering } = x.graph;
  return branches.reduce((sum, { down, up, areMatrices, factor }) => {
    const narrow = lowering.linear(x, areMatrices.down ? down : flatten(down), null);
    return lowering.linear(times(narrow, factor), areMatrices.up ? up : flatten(up), sum);
  }, result);
}

function times(x: Activation, factor: number): Activation {
  return factor === 1 ? x : scaled(x, factor);
}

/** x [B, in, H, W] -> [B, out, H', W'], square kernel. */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly #geometry: KernelGeometry;

  /** @param padding on every side, or `'right and bottom'` by one, which is how the VAE halves an image */
  constructor(
    inChannels: number,
    outChannels: number,
    options: { readonly kernel: number; readonly stride?: number; readonly padding?: number | 'right and bottom' },
  ) {
    super();
    const { kernel, stride = 1, padding = 0 } = options;
    this.weight = new Parameter(outChannels, inChannels, kernel, kernel);
    this.bias = new Parameter(outChannels);
    const [before, after] = padding === 'right and bottom' ? [0, 1] : [padding, padding];
    const sides = { top: before, left: before, bottom: after, right: after };
    this.#geometry = { stride, padding: sides, kernel, inChannels, outChannels };
  }

  protected forward(x: Activation): Activation {
    const { graph, type } = x;
    const { lowering } = graph;
    const bias = this.bias.as(type, graph);
    const quantized = this.weight.integersBesideBranches(x);
    if (quantized !== null) {
      const result = lowering.quantizedConv2d(x, quantized.integers, bias, this.#geometry);
      return this.#addBranches(x, result, quantized.branches);
    }
    const { weight, branches } = this.weight.besideBranches(x);
    return this.#addBranches(x, lowering.conv2d(x, weight, bias, this.#geometry), branches);
  }

  #addBranches(x: Activation, result: Activation, branches: readonly LowRankBranch[]): Activation {
    const { lowering } = x.graph;
    return branches.reduce((sum, { down, up, factor }) => {
      const narrow = lowering.conv2d(x, down, null, this.#geometry);
      return add(sum, lowering.conv2d(times(narrow, factor), up, null, POINTWISE));
    }, result);
  }
}

/** x [B, C, H, W], normalised over each group of channels and all pixels (Wu & He 2018). */
export class GroupNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly #options: GroupNormOptions;

  constructor(groups: number, channels: number, epsilon: number) {
    super();
    this.weight = new Parameter(channels);
    this.bias = new Parameter(channels);
    this.#options = { groups, epsilon };
  }

  protected forward(x: Activation): Activation {
    const { graph, type } = x;
    const [weight, bias] = [this.weight.as(type, graph), this.bias.as(type, graph)];
    return graph.lowering.groupNorm(x, weight, bias, this.#options);
  }
}

/** x [..., C], normalised over its last dimension. */
export class LayerNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly #epsilon: number;

  constructor(channels: number, epsilon = 1e-5) {
    super();
    this.weight = new Parameter(channels);
    this.bias = new Parameter(channels);
    this.#epsilon = epsilon;
  }

  protected forward(x: Activation): Activation {
    const { graph, type } = x;
    const attributes = { axis: { i: -1 }, epsilon: { f: this.#epsilon } };
    return graph.node('LayerNormalization', [x, this.weight.as(type, graph), this.bias.as(type, graph)], type, {
      attributes,
    });
  }
}

/** Rows of a table by their index: ids [...] -> [..., C]. */
export class Embedding extends Module<[Value<'int32'>]> {
  readonly weight: Parameter;

  constructor(count: number, width: number) {
    super();
    this.weight = new Parameter(count, width);
  }

  /** Where weights are kept as stored, only the rows that are asked for are converted. */
  protected forward(ids: Value<'int32'>): Activation {
    const { graph } = ids;
    const asStored = graph.storage === 'stored' && !this.weight.isAdapted;
    const table = asStored ? this.weight.stored(graph) : this.weight.as(graph.precision, graph);
    return cast(gather(table, ids), graph.precision);
  }
}

/** x sigmoid(x) */
export function silu(x: Activation): Activation {
  return x.graph.lowering.silu(x);
}

/** x Phi(x) */
export function gelu(x: Activation): Activation {
  return x.graph.lowering.gelu(x);
}

/** x sigmoid(1.702 x), which OpenAI's CLIP used for gelu. */
export function quickGelu(x: Activation): Activation {
  return x.graph.lowering.quickGelu(x);
}
