import { cpu } from './cpu.ts';
import type { Lowering } from './lowering.ts';

/** ONNX Runtime's CUDA kernels: it has all that the CPU lowering uses, fused attention included, in float16. */
export const cuda: Lowering = { ...cpu, provider: 'cuda', precision: 'float16' };
