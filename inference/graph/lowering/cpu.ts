import type { Activation } from '../graph.ts';
import { add, cast, concat, multiply, reshape, shapeOf } from '../ops.ts';
import { integerConv2d, integerLinear } from './integer-products.ts';
import type { AttentionOptions, ConvGeometry, GroupNormOptions, Lowering } from './lowering.ts';

/** ONNX Runtime's CPU kernels, chosen by measurement: the fused contrib operators are about twice the plain ones. */
export const cpu: Lowering = {
  provider: 'cpu',
  precision: 'float32',

  /** Gemm takes the weight as PyTorch stores it, without a transposed copy, and adds the bias on the way. */
  linear(x: Activation, weight: Activation, bias: Activation | null) {
    return x.graph.node('Gemm', [x, weight, bias], x.type, { attributes: { transB: { i: 1 } } });
  },

  quantizedLinear: integerLinear,
  quantizedConv2d: integerConv2d,

  conv2d(x: Activation, weight: Activation, bias: Activation | null, { stride, padding }: ConvGeometry) {
    const pads = [padding.top, padding.left, padding.bottom, padding.right];
    const attributes = { strides: { ints: [stride, stride] }, pads: { ints: pads } };
    return x.graph.node('Conv', [x, weight, bias], x.type, { attributes });
  },

  groupNorm(x: Activation, weight: Activation, bias: Activation, { groups, epsilon }: GroupNormOptions) {
    const { graph } = x;
    const grouped = reshape(x, [0, groups, -1]);
    const ones = cast(graph.floats(new Float32Array(groups).fill(1), [groups]), x.type);
    const zeros = cast(graph.floats(new Float32Array(groups), [groups]), x.type);
    const attributes = { epsilon: { f: epsilon } };
    const normalised = graph.node('InstanceNormalization', [grouped, ones, zeros], x.type, { attributes });
    const restored = reshape(normalised, shapeOf(x));
    return add(multiply(restored, reshape(weight, [-1, 1, 1])), reshape(bias, [-1, 1, 1]));
  },

  silu: (x) => quickGelu(x, 1),
  quickGelu: (x) => quickGelu(x, 1.702),
  gelu: (x) => x.graph.node('Gelu', [x], x.type, { domain: 'com.microsoft' }),

  /** Flash attention where there is no mask: never holds the L x M matrix. */
  attention(query: Activation, key: Activation, value: Activation, { heads, width, batch, causal }: AttentionOptions) {
    const { graph } = query;
    const perSample = concat([batch, graph.ints([-1, width])], 0);
    const inputs = [query, key, value].map((x) => reshape(x, perSample));
    const attributes = { num_heads: { i: heads }, unidirectional: { i: causal === null ? 0 : 1 } };
    const mixed = graph.node('MultiHeadAttention', inputs, query.type, { domain: 'com.microsoft', attributes });
    return reshape(mixed, [-1, width]);
  },
};

/** x sigmoid(alpha x) */
function quickGelu(x: Activation, alpha: number): Activation {
  return x.graph.node('QuickGelu', [x], x.type, { domain: 'com.microsoft', attributes: { alpha: { f: alpha } } });
}
