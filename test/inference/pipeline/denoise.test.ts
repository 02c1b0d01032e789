import { expect, test } from 'vitest';
import { SDXL_SCHEDULER } from '../../../inference/checkpoint/noise-schedule.ts';
import { parseSchedulerConfig } from '../../../inference/checkpoint/parse-pipeline-configuration.ts';
import { denoise } from '../../../inference/pipeline/denoise.ts';
import type { UnetCall } from '../../../inference/pipeline/unet.ts';
import { createSampler } from '../../../inference/sampling/samplers.ts';

const model = parseSchedulerConfig(SDXL_SCHEDULER, 'test');
const latent = { shape: [1, 1, 1, 1], data: Float32Array.of(1) };
const empty = { shape: [1, 0], data: new Float32Array() };
const conditioning = { context: empty, pooled: empty, timeIds: empty };

/** Which calls computed the whole network (w), kept its deep features for later (k), or took earlier ones (and whose). */
async function callsOf(options: { deepEvery?: number; from: number; to: number }): Promise<string> {
  const { from, to, ...rest } = options;
  const calls: string[] = [];
  let index = from;
  await denoise({
    unet: { forward: () => Promise.reject(new Error('Nobody asks the network itself.')) },
    predict: async (_, { sample, deep }: UnetCall) => {
      calls.push(deep === undefined ? 'w' : deep === 'return' ? 'k' : String(deep[0]?.data[0]));
      const kept = { shape: [1, 1], data: Float32Array.of(index++) };
      return { outputs: [sample], seconds: 0, ...(deep === 'return' && { deep: [kept] }) };
    },
    sampler: createSampler('euler', model, 12),
    run: { from, to, latent, noise: () => latent },
    guidanceAt: () => ({ positives: [{ conditioning, weight: 1 }], negative: conditioning, scale: 1, rescale: 0 }),
    inpainting: null,
    signal: new AbortController().signal,
    ...rest,
  });
  return calls.join(' ');
}

test('every call is of the whole network where nothing else is asked', async () => {
  expect(await callsOf({ from: 0, to: 12 })).toBe('w w w w w w w w w w w w');
});

test('after a quarter of the schedule, only every so many are', async () => {
  expect(await callsOf({ from: 0, to: 12, deepEvery: 3 })).toBe('k k k 2 2 k 5 5 k 8 8 k');
});

test('a part of the schedule keeps to the same places, but for its first call, which has nothing to take', async () => {
  expect(await callsOf({ from: 7, to: 12, deepEvery: 3 })).toBe('k k 8 8 k');
});
