import type { Provider } from '../../../commands/engine.ts';
import { cpu } from './cpu.ts';
import type { Lowering } from './lowering.ts';

const lowerings: Readonly<Record<Provider, Lowering>> = { cpu, cuda: cpu, webgpu: cpu };

export function loweringFor(provider: Provider): Lowering {
  return lowerings[provider];
}
