import type { Provider } from '../../../commands/engine.ts';
import type { Activation, Shape, Value } from '../graph.ts';

/**
 * How one execution provider computes the operations that providers are good at in different ways. Everything else is
 * a plain ONNX operator (`ops.ts`). Image tensors are [B, C, H, W], token matrices [B * L, C].
 */
export interface Lowering {
  readonly provider: Provider;
  /** What the provider computes in unless a model asks for more. */
  readonly precision: 'float32' | 'float16';

  /** x [M, in] times the transpose of weight [out, in], plus bias [out], or plus [M, out]. */
  linear(x: Activation, weight: Activation, bias: Activation | null): Activation;
  /** As linear, with the weight in 8-bit integers and x rounded as it comes: on a CPU only. */
  quantizedLinear(x: Activation, weight: QuantizedMatrix, bias: Activation | null): Activation;
  /** x [B, in, H, W], weight [out, in, k, k], bias [out]. */
  conv2d(x: Activation, weight: Activation, bias: Activation | null, geometry: ConvGeometry): Activation;
  /** As conv2d, likewise. */
  quantizedConv2d(
    x: Activation,
    weight: QuantizedMatrix,
    bias: Activation | null,
    geometry: KernelGeometry,
  ): Activation;
  /** x [B, C, ...], weight and bias [C]. */
  groupNorm(x: Activation, weight: Activation, bias: Activation, options: GroupNormOptions): Activation;
  /** x sigmoid(x) */
  silu(x: Activation): Activation;
  /** x Phi(x), exact. */
  gelu(x: Activation): Activation;
  /** x sigmoid(1.702 x) */
  quickGelu(x: Activation): Activation;
  /** Scaled dot-product attention: query [B * L, C], key and value [B * M, C]; the result has the query's shape. */
  attention(query: Activation, key: Activation, value: Activation, options: AttentionOptions): Activation;
}

/** Column c of the matrix [in, out] is that of `values` times `scales[c]`. */
export interface QuantizedMatrix {
  readonly values: Value<'int8'>;
  readonly scales: Value<'float32'>;
}

export interface ConvGeometry {
  readonly stride: number;
  /** Zeros added on each side. */
  readonly padding: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number };
}

/** What a kernel of which only the values are given does not say of itself: they are [k * k * in, out]. */
export interface KernelGeometry extends ConvGeometry {
  readonly kernel: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

export interface GroupNormOptions {
  readonly groups: number;
  readonly epsilon: number;
}

export interface AttentionOptions {
  readonly heads: number;
  /** C: the width of all heads together. */
  readonly width: number;
  /** A vector of one element: B. */
  readonly batch: Shape;
  /** Set where a token sees only itself and those before it: then L and M are this length. */
  readonly causal: { readonly length: number } | null;
}
