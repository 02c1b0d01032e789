import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inferSchedule, readLatentStatistics } from '../../../inference/checkpoint/noise-schedule.ts';
import { encodeSafetensors, readSafetensorsHeader } from '../../../inference/checkpoint/safetensors.ts';
import type { Tensor } from '../../../inference/tensor.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-schedule-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function headerOf(tensors: Record<string, Tensor>) {
  const path = join(folder, 'markers.safetensors');
  await writeFile(path, encodeSafetensors(tensors));
  return readSafetensorsHeader(path);
}
const scalar = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });
const statistic = (value: number): Tensor => ({ shape: [1, 4, 1, 1], data: new Float32Array(4).fill(value) });

test('CosXL: the file gives its noise levels', async () => {
  const header = await headerOf({ 'edm_vpred.sigma_max': scalar(100), 'edm_vpred.sigma_min': scalar(0.25) });
  expect(await inferSchedule(header)).toMatchObject({
    className: 'EDMEulerScheduler',
    predictionType: 'v_prediction',
    edm: { sigmaMin: 0.25, sigmaMax: 100, sigmaData: 1 },
  });
  expect(await readLatentStatistics(header)).toBeUndefined();
});

test('a noise level that is none is refused by name', async () => {
  const header = await headerOf({ 'edm_vpred.sigma_max': scalar(-1) });
  await expect(inferSchedule(header)).rejects.toThrow(/tensor edm_vpred\.sigma_max/);
});

test('Playground v2.5: the file gives its latents’ statistics', async () => {
  const header = await headerOf({ edm_mean: statistic(-1.5), edm_std: statistic(8.5) });
  expect(await inferSchedule(header)).toMatchObject({
    predictionType: 'epsilon',
    edm: { sigmaMax: 80, sigmaData: 0.5 },
  });
  expect(await readLatentStatistics(header)).toEqual({
    latentsMean: [-1.5, -1.5, -1.5, -1.5],
    latentsStd: [8.5, 8.5, 8.5, 8.5],
  });
});
