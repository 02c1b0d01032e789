import type { Provider } from '../../../commands/engine.ts';
import { cpu } from './cpu.ts';
import { cuda } from './cuda.ts';
import type { Lowering } from './lowering.ts';
import { plainAttention } from './plain-attention.ts';
import { webgpu } from './webgpu.ts';

const lowerings: Readonly<Record<Provider, Lowering>> = { cpu, cuda, webgpu };

/**
 * Fused attention never holds the matrix of scores. The WebGPU provider's is wrong on devices whose subgroups have
 * fewer than 8 lanes, as software renderers' do (its shader steps over keys by the subgroup's size but adds 8 at a
 * time): 'plain' is for those.
 */
export type AttentionKind = 'fused' | 'plain';

export function loweringFor(provider: Provider, attention: AttentionKind = 'fused'): Lowering {
  const lowering = lowerings[provider];
  return attention === 'plain' ? { ...lowering, attention: plainAttention } : lowering;
}
