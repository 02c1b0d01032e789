import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { agreedArithmetic, isChoiceOpen } from '../../../bot/worker/agreed-arithmetic.ts';
import type { Arithmetic, EngineReport } from '../../../commands/engine.ts';
import { watchedLog } from '../../canary.ts';
import { openMemoryStore } from '../store/memory-store.ts';

const auto = { provider: 'cpu', arithmetic: 'auto' } as const;
const choosing = (chosen: Arithmetic) => async (): Promise<EngineReport> => ({
  arithmetic: { chosen, gains: null },
  ...{ runtime: '1', providers: [], threads: 1, residentBytes: 1 },
});

it('all workers of a store compute as the first one chose; one that cannot says so', async () => {
  const { store } = await openMemoryStore();
  const lines: string[] = [];
  const log = watchedLog((line) => lines.push(line));
  const agree = (chosen: Arithmetic) => agreedArithmetic(auto, choosing(chosen), store.models, log);
  expect(await agree('int8-linear')).toBe('int8-linear');
  expect(await agree('int8')).toBe('int8-linear');
  expect(lines).toEqual([]);
  expect(await agree('float32')).toBe('float32');
  expect(lines.join()).toContain('set ARITHMETIC=float32');
  const decided = { provider: 'cpu', arithmetic: 'int8' } as const;
  expect(await agreedArithmetic(decided, choosing('float32'), store.models, log)).toBe('int8');
  expect(await store.operations.mode()).toBe('open');
  await store.close();
});

it('where the first one chose float32, the others take it', async () => {
  const { store } = await openMemoryStore();
  for (const chosen of ['float32', 'int8'] as const) {
    expect(await agreedArithmetic(auto, choosing(chosen), store.models, watchedLog())).toBe('float32');
  }
  await store.close();
});

it('nothing is chosen where all models are small', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'easel-models-'));
  const unet = join(folder, 'unet');
  await mkdir(unet);
  await writeFile(join(unet, 'weights.safetensors'), 'small');
  expect(await isChoiceOpen([{ base: folder }, { base: join(folder, 'gone') }])).toBe(false);
  await truncate(join(unet, 'weights.safetensors'), 600_000_000);
  expect(await isChoiceOpen([{ base: folder }])).toBe(true);
  await rm(folder, { recursive: true });
});
