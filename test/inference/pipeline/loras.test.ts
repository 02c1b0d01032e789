import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { adaptModel, type Model, openModel } from '../../../inference/pipeline/model.ts';
import { TorchGenerator } from '../../../inference/sampling/noise.ts';
import { writeLora } from '../../made-up-extras.ts';
import { miniature } from '../engine/receiver.ts';

// LoRAs are fed to large networks and added to the weights of small ones; here to the miniature both ways.

const added = { provider: 'cpu', threads: 1 } as const;
const fed = { ...added, feedFrom: 0 } as const;
const folder = await mkdtemp(join(tmpdir(), 'easel-loras-'));
const [one, two] = [join(folder, 'one.safetensors'), join(folder, 'two.safetensors')];
await writeLora(one, { seed: 1, rank: 4 });
await writeLora(two, { seed: 2, rank: 6 });
const plain = await openModel({ base: miniature.base, refiner: null }, added);
afterAll(async () => {
  await plain.release();
  await rm(folder, { recursive: true });
});

async function predict({ base: { networks } }: Model): Promise<Float32Array> {
  const { config } = networks.checkpoint.unet;
  const generator = new TorchGenerator(7);
  const batch = {
    sample: generator.randn([1, config.inChannels, 8, 8]),
    timesteps: Float32Array.of(500),
    context: generator.randn([1, 77, config.crossAttentionDim]),
    pooled: generator.randn([1, config.projectionClassEmbeddingsInputDim - 6 * config.additionTimeEmbedDim]),
    timeIds: generator.randn([1, 6]),
  };
  const unet = await networks.unet();
  const { prediction, deep } = await unet.forward({ ...batch, deep: 'return' });
  const finest = await unet.forward({ ...batch, ...(deep && { deep }) });
  return Float32Array.of(...prediction.data, ...finest.prediction.data);
}

async function read({ base: { networks } }: Model): Promise<Float32Array> {
  const encoder = await networks.textEncoders[1]?.();
  const { maxPositionEmbeddings } = networks.checkpoint.textEncoder2.config;
  const ids = Array.from({ length: maxPositionEmbeddings }, (_, i) => i);
  const states = await encoder?.encode(ids, 2);
  return states?.hidden.data ?? new Float32Array();
}

function distance(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

const both = [
  { path: one, weight: 0.7 },
  { path: two, weight: -0.4 },
];

it('fed or added, several at once and in the finest level alone, they change a network alike', async () => {
  const [a, b] = [await adaptModel(plain, both, added), await adaptModel(plain, both, fed)];
  const drawn = await predict(a);
  expect(distance(drawn, await predict(plain))).toBeGreaterThan(0.01);
  expect(distance(drawn, await predict(b))).toBeLessThan(1e-4);
  expect(distance(await read(a), await read(plain))).toBeGreaterThan(0.01);
  expect(distance(await read(a), await read(b))).toBeLessThan(1e-4);
  await a.release();
  await b.release();
});

it('are fed to one session, which counts to the memory of the plain model and is released with it', async () => {
  const model = await openModel({ base: miniature.base, refiner: null }, added);
  const before = model.bytes;
  const first = await adaptModel(model, both.slice(0, 1), fed);
  const second = await adaptModel(model, both.slice(1), fed);
  const [firstBytes, session] = [first.bytes, model.base.networks.open.unet.linear.load];
  const drawn = await predict(first);
  const made = await session();
  expect(distance(await predict(second), drawn)).toBeGreaterThan(0.01);
  expect(await session()).toBe(made);
  expect(model.bytes).toBeGreaterThan(before);
  expect(first.bytes).toBeLessThan(firstBytes);
  await model.release();
  expect(session.isMade()).toBe(false);
  expect(model.bytes).toBe(before);
  expect(await predict(first)).toEqual(drawn);
  await model.release();
});
