import type { Provider } from '../../../commands/engine.ts';
import { cpu } from './cpu.ts';
import { cuda } from './cuda.ts';
import type { Lowering } from './lowering.ts';
import { webgpu } from './webgpu.ts';

const lowerings: Readonly<Record<Provider, Lowering>> = { cpu, cuda, webgpu };

export function loweringFor(provider: Provider): Lowering {
  return lowerings[provider];
}
