import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { adaptModel, type Model, openModel } from '../../../inference/pipeline/model.ts';
import type { NetworkOptions } from '../../../inference/pipeline/networks.ts';
import { TorchGenerator } from '../../../inference/sampling/noise.ts';
import { writeLora } from '../../made-up-extras.ts';
import { miniature } from '../engine/receiver.ts';

// LoRAs on a base in 8-bit integers; in a copy of the miniature, because its integers are kept beside it.

const folder = await mkdtemp(join(tmpdir(), 'easel-int8-loras-'));
afterAll(() => rm(folder, { recursive: true }));
const [base, file] = [join(folder, 'base'), join(folder, 'lora.safetensors')];
await cp(miniature.base, base, { recursive: true });
await writeLora(file, { seed: 1, rank: 4, size: 0.2 });

async function predict({ base: { networks } }: Model): Promise<Float32Array> {
  const { config } = networks.checkpoint.unet;
  const generator = new TorchGenerator(7);
  const { prediction } = await (await networks.unet()).forward({
    sample: generator.randn([1, config.inChannels, 8, 8]),
    timesteps: Float32Array.of(500),
    context: generator.randn([1, 77, config.crossAttentionDim]),
    pooled: generator.randn([1, config.projectionClassEmbeddingsInputDim - 6 * config.additionTimeEmbedDim]),
    timeIds: generator.randn([1, 6]),
  });
  return Float32Array.from(prediction.data);
}

/** What the base predicts without the LoRA and with it. */
async function predictions(options: Partial<NetworkOptions>) {
  const how = { provider: 'cpu', threads: 1, cacheFolder: folder, ...options } as const;
  const model = await openModel({ base, refiner: null }, how);
  const adapted = await adaptModel(model, [{ path: file, weight: 1 }], how);
  const both = { without: await predict(model), with: await predict(adapted) };
  const isFed = model.base.networks.open.unet.linear.load.isMade();
  await adapted.release();
  await model.release();
  return { ...both, isFed };
}

/** The power of the one above that of the difference. */
function decibels(exact: Float32Array, other: Float32Array): number {
  const power = exact.reduce((sum, value) => sum + value ** 2, 0);
  const noise = exact.reduce((sum, value, i) => sum + (value - (other[i] ?? Number.NaN)) ** 2, 0);
  return 10 * Math.log10(power / noise);
}

async function keptIntegers() {
  const unet = join(base, 'unet');
  const names = (await readdir(unet)).filter((name) => name.includes('.int8-'));
  return Promise.all(names.map(async (name) => ({ name, made: (await stat(join(unet, name))).mtimeMs })));
}

const exact = await predictions({ arithmetic: 'float32' });

it('are added or fed, change it as in float32, and take the integers that were made for the base alone', async () => {
  const effect = decibels(exact.with, exact.without);
  const added = await predictions({ arithmetic: 'int8' });
  const kept = await keptIntegers();
  const fed = await predictions({ arithmetic: 'int8', feedFrom: 0 });
  expect([added.isFed, fed.isFed]).toEqual([false, true]);
  for (const rounded of [added, fed]) {
    expect(decibels(exact.without, rounded.without)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(decibels(exact.with, rounded.with)).toBeGreaterThan(Math.max(30, effect + 10));
  }
  expect(kept).toHaveLength(1);
  expect(await keptIntegers()).toEqual(kept);
});
