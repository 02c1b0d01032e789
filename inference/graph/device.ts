import type { Provider } from '../../commands/engine.ts';
import { type Activation, Graph } from './graph.ts';
import { type AttentionKind, loweringFor } from './lowering/index.ts';
import { cast } from './ops.ts';
import { createSession } from './session.ts';

/** Where a device needs other graphs than its provider's usual ones. */
export interface Device {
  readonly precision?: Activation['type'];
  readonly attention?: AttentionKind;
}

/** As in SDXL: heads of 64. Of the tokens there are enough for several tiles of any kernel. */
const [TOKENS, WIDTH, HEADS] = [80, 128, 2];
/** Both ways of attention agree to float16's rounding where both are right. */
const TOLERANCE = 0.02;

/**
 * What the device behind a provider cannot do, found by trying: WebGPU devices may lack float16, and where subgroups
 * have fewer than 8 lanes (software renderers, some embedded GPUs) its fused attention gives other numbers. Never
 * rejects: a provider that does not work at all is told about by whoever uses it next.
 */
export async function examineDevice(provider: Provider): Promise<Device> {
  if (provider !== 'webgpu') return {};
  try {
    const precision = (await computesFloat16(provider)) ? 'float16' : 'float32';
    const [fused, plain] = [await attend(provider, precision, 'fused'), await attend(provider, precision, 'plain')];
    const isAlike = fused.every((value, i) => Math.abs(value - (plain[i] ?? Number.NaN)) < TOLERANCE);
    return { precision, attention: isAlike ? 'fused' : 'plain' };
  } catch {
    return {};
  }
}

async function computesFloat16(provider: Provider): Promise<boolean> {
  try {
    const graph = new Graph(loweringFor(provider));
    const x = graph.input('x', 'float32', [1]);
    graph.output('y', cast(cast(x, 'float16'), 'float32'), [1]);
    const session = await createSession(
      { bytes: graph.encode(), inputs: { x: 'float32' }, outputs: ['y'] },
      { provider },
    );
    await session.run({ x: { shape: [1], data: Float32Array.of(1) } }).finally(() => session.release());
    return true;
  } catch {
    return false;
  }
}

/** Attention of some tokens to each other, [TOKENS * WIDTH]. */
async function attend(provider: Provider, precision: Activation['type'], kind: AttentionKind): Promise<Float32Array> {
  const lowering = loweringFor(provider, kind);
  const graph = new Graph(lowering, { precision });
  const x = cast(graph.input('x', 'float32', [TOKENS, WIDTH]), precision);
  const options = { heads: HEADS, width: WIDTH, batch: graph.ints([1]), causal: null };
  graph.output('y', cast(lowering.attention(x, x, x, options), 'float32'), [TOKENS, WIDTH]);
  const session = await createSession(
    { bytes: graph.encode(), inputs: { x: 'float32' }, outputs: ['y'] },
    { provider },
  );
  const data = Float32Array.from({ length: TOKENS * WIDTH }, (_, i) => Math.sin(i * i + 0.37 * i));
  const { y } = await session.run({ x: { shape: [TOKENS, WIDTH], data } }).finally(() => session.release());
  return y.data;
}
