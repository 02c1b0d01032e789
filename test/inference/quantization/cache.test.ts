import { chmod, mkdir, mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeSafetensors, readSafetensorsHeader, readTensor } from '../../../inference/checkpoint/safetensors.ts';
import { cachedQuantized } from '../../../inference/quantization/cache.ts';
import { knownSpeeds } from '../../../inference/quantization/known-speeds.ts';
import { scrambled } from '../graph/evaluate.ts';

const NAME = 'down_blocks.0.attentions.0.proj_in.weight';

async function checkpoint(seed: number) {
  const folder = await mkdtemp(join(tmpdir(), 'easel-cache-'));
  const [models, cache] = [join(folder, 'models'), join(folder, 'cache')];
  await mkdir(models);
  const file = join(models, 'sdxl.safetensors');
  const rewrite = (changed: number) => writeFile(file, encodeSafetensors({ [NAME]: scrambled([3, 4], changed) }));
  await rewrite(seed);
  const open = async () => cachedQuantized((await readSafetensorsHeader(file)).tensors, 'unet', cache);
  const kept = async () => (await readdir(models)).filter((name) => name !== basename(file));
  return { models, cache, rewrite, open, kept };
}

test('weights are rounded once and kept beside the checkpoint, under their hash', async () => {
  const { models, open, kept } = await checkpoint(1);
  const first = await open();
  const [name = ''] = await kept();
  expect(name).toMatch(/^sdxl\.unet\.[0-9a-f]{16}\.int8-v\d+$/);
  const bytes = await readFile(join(models, name));
  await writeFile(join(models, name), bytes);
  expect([...(await open())]).toEqual([...first]);
  expect(await kept()).toEqual([name]);
  expect(await readFile(join(models, name))).toEqual(bytes);
});

test('a checkpoint that has changed is rounded anew, and what was made of the old one is removed', async () => {
  const { rewrite, open, kept } = await checkpoint(1);
  const before = (await readTensor((await open()).get(NAME)!.scales)).data;
  const [old] = await kept();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await rewrite(2);
  const after = (await readTensor((await open()).get(NAME)!.scales)).data;
  expect(after).not.toEqual(before);
  const names = await kept();
  expect(names).toHaveLength(1);
  expect(names).not.toContain(old);
});

test('a file that was cut is made anew', async () => {
  const { models, open, kept } = await checkpoint(1);
  await open();
  const [name = ''] = await kept();
  const whole = await readFile(join(models, name));
  await truncate(join(models, name), whole.length - 3);
  await open();
  expect(await readFile(join(models, name))).toEqual(whole);
});

test.skipIf(process.getuid?.() === 0)(
  'where the checkpoint cannot be written to, the cache folder keeps them',
  async () => {
    const { models, cache, open, kept } = await checkpoint(1);
    await chmod(models, 0o555);
    const { file } = (await open()).get(NAME)!.values;
    expect(dirname(file)).toBe(join(cache, 'int8'));
    expect(await kept()).toEqual([]);
  },
);

test("a machine's speeds are measured once, and again where the machine, its threads or the note changed", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'easel-speeds-'));
  let measured = 0;
  const measure = async () => {
    measured++;
    const pair = { float32: 0.02, int8: 0.002 };
    return { linear: pair, convolution: pair, isExact: true };
  };
  const first = await knownSpeeds(folder, 2, measure);
  expect(await knownSpeeds(folder, 2, measure)).toEqual(first);
  expect(measured).toBe(1);
  await knownSpeeds(folder, 3, measure);
  expect(measured).toBe(2);
  await writeFile(join(folder, 'arithmetic.json'), '{"machine": "cut');
  await knownSpeeds(folder, 3, measure);
  expect(measured).toBe(3);
});
