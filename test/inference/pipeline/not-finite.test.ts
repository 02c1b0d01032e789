import { cp, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { EngineProgress, EngineTask } from '../../../commands/engine.ts';
import { readSafetensorsHeader } from '../../../inference/checkpoint/safetensors.ts';
import { EngineServer } from '../../../inference/engine/server.ts';
import { writeLora } from '../../made-up-extras.ts';
import { miniature, receiver } from '../engine/receiver.ts';
import { smallRecipe } from '../small-recipe.ts';

const folder = await mkdtemp(join(tmpdir(), 'easel-nan-'));
const engine = receiver();
const server = new EngineServer(
  { provider: 'cpu', threads: 1, maxBatch: 8, memoryLimit: 0, cacheFolder: '', previews: true },
  engine.send,
);
afterAll(() => rm(folder, { recursive: true }));

/** Makes the first value of a file's tensor of this name a NaN. */
async function spoil(path: string, tensor: RegExp): Promise<void> {
  const { tensors } = await readSafetensorsHeader(path);
  const stored = [...tensors].find(([name]) => tensor.test(name))?.[1];
  if (stored === undefined) throw new Error(`${path} has no ${tensor}.`);
  const file = await open(path, 'r+');
  await file.write(
    Uint8Array.of(0xff, 0xff, 0xff, 0xff).subarray(0, stored.dtype === 'F32' ? 4 : 2),
    0,
    null,
    stored.offset,
  );
  await file.close();
}

const steps: EngineProgress[] = [];
const draw = (changes: object = {}, source: object = {}) => {
  steps.length = 0;
  const task: EngineTask = {
    kind: 'draw',
    model: { ...miniature, ...source },
    recipe: smallRecipe(changes),
    handoffAt: null,
  };
  return engine.run(server, task, { onProgress: (progress) => steps.push(progress) });
};

it('a LoRA of which a value is no number is named, at the first step', async () => {
  const [good, bad] = [join(folder, 'good.safetensors'), join(folder, 'ink.safetensors')];
  await writeLora(good, { seed: 1 });
  await writeLora(bad, { seed: 2 });
  await spoil(bad, /^unet.*lora_B/);
  const loras = [good, bad].map((path) => ({ path, weight: 1 }));
  await expect(draw({}, { loras })).rejects.toMatchObject({
    code: 'not_finite',
    subject: 'ink',
    message: expect.stringContaining(`${bad}: its tensors hold values that are no numbers`),
  });
  expect(Math.max(...steps.map(({ step }) => step))).toBeLessThan(2);
});

it('so is a model of which one is, whatever its part', async () => {
  const base = join(folder, 'spoilt');
  await cp(miniature.base, base, { recursive: true });
  await spoil(join(base, 'vae', 'diffusion_pytorch_model.safetensors'), /^decoder\.conv_out\.bias/);
  await expect(draw({}, { base })).rejects.toMatchObject({ code: 'not_finite', subject: 'spoilt' });
});

it('numbers that overflow of themselves are no file’s fault', async () => {
  const wild = join(folder, 'wild.safetensors');
  await writeLora(wild, { seed: 3, size: 1e20 });
  await expect(draw({}, { loras: [{ path: wild, weight: 4 }] })).rejects.toMatchObject({
    code: 'not_finite',
    subject: undefined,
    message: expect.stringContaining('grew beyond all bounds'),
  });
});
