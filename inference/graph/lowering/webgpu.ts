import type { Activation } from '../graph.ts';
import { cpu } from './cpu.ts';
import type { AttentionOptions, Lowering } from './lowering.ts';
import { plainAttention } from './plain-attention.ts';

/** ONNX Runtime's WebGPU kernels (Dawn over Vulkan, Metal or Direct3D), in float16. */
export const webgpu: Lowering = {
  ...cpu,
  provider: 'webgpu',
  precision: 'float16',

  /** The fused kernel knows no causal mask, but the text encoders, which need one, have few tokens. */
  attention(query: Activation, key: Activation, value: Activation, options: AttentionOptions) {
    const attend = options.causal === null ? cpu.attention : plainAttention;
    return attend(query, key, value, options);
  },
};
