import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { AdaptedComponent } from '../../inference/checkpoint/adapter.ts';
import { readTextEncoder, readUnet } from '../../inference/checkpoint/folder.ts';
import { openLora } from '../../inference/checkpoint/lora.ts';
import { openCheckpoint } from '../../inference/checkpoint/open.ts';
import { readSafetensorsHeader, readTensor } from '../../inference/checkpoint/safetensors.ts';
import type { AppliedAdapter } from '../../inference/graph/adapters.ts';
import type { Storage } from '../../inference/graph/graph.ts';
import { createSession } from '../../inference/graph/session.ts';
import { buildTextEncoder, noVectors } from '../../inference/models/clip.ts';
import { buildUnet } from '../../inference/models/unet/unet.ts';
import type { Tensor } from '../../inference/tensor.ts';
import { goldenPath } from './golden-folder.ts';

// Networks with LoRA, LoHa and LoKr files applied, against diffusers and LyCORIS; section 7 of the fixtures' README.

const LIMIT = 5e-5;
const cpu = { provider: 'cpu', threads: 1 } as const;
const index: { a: string; b: string; cases: Record<string, { spec: [name: string, strength: number][] }> } = JSON.parse(
  readFileSync(goldenPath('lora', 'index.json'), 'utf8'),
);
const files: Readonly<Record<string, string>> = {
  a: index.a,
  b: index.b,
  b_fp16: 'kohya_fp16.safetensors',
  mixed: 'kohya_mixed_alpha.safetensors',
  peft_alpha: 'peft_alpha/pytorch_lora_weights.safetensors',
  loha: 'loha.safetensors',
  lokr: 'lokr.safetensors',
};

const mini = await openCheckpoint('models/mini/base');
if (mini.kind !== 'base') throw new Error('The miniature is a base.');
const checkpoint = {
  ...mini,
  unet: await readUnet(goldenPath('models', 'unet')),
  textEncoder: await readTextEncoder(goldenPath('models', 'text_encoder')),
  textEncoder2: await readTextEncoder(goldenPath('models', 'text_encoder_2')),
};
const { tensors } = await readSafetensorsHeader(goldenPath('lora', 'expected.safetensors'));
const read = (name: string) => readTensor(tensors.get(name)!);

/** What a case applies: `index.json` lists some, the others say it by their name, such as `loha_0.5`. */
function specOf(name: string): [file: string, strength: number][] {
  if (name === 'base') return [];
  const [, file, strength] = /^(.+)_([\d.]+)$/.exec(name) ?? [];
  return index.cases[name]?.spec ?? [[file!, Number(strength)]];
}

async function adaptersOf(name: string, component: AdaptedComponent): Promise<AppliedAdapter[]> {
  const applied = specOf(name).map(async ([file, strength]) => {
    const { adapters } = await openLora(goldenPath('lora', files[file]!), checkpoint);
    return adapters.filter((adapter) => adapter.component === component).map((adapter) => ({ adapter, strength }));
  });
  return (await Promise.all(applied)).flat();
}

async function runUnet(name: string, storage: Storage): Promise<Tensor> {
  const { config, weights } = checkpoint.unet;
  const adapters = await adaptersOf(name, 'unet');
  const session = await createSession(buildUnet(config, weights, { ...cpu, storage, adapters }), cpu);
  const { prediction } = await session.run({
    sample: await read('in/sample'),
    timestep: await read('in/timestep'),
    encoder_hidden_states: await read('in/encoder_hidden_states'),
    text_embeds: await read('in/text_embeds'),
    time_ids: await read('in/time_ids'),
  });
  await session.release();
  return prediction;
}

async function runTextEncoder(name: string, component: 'textEncoder' | 'textEncoder2', storage: Storage) {
  const { config, weights } = checkpoint[component];
  const adapters = await adaptersOf(name, component);
  const session = await createSession(buildTextEncoder(config, weights, { ...cpu, storage, adapters }), cpu);
  const { shape, data } = await read(component === 'textEncoder' ? 'in/ids1' : 'in/ids2');
  const feeds = { input_ids: { shape, data: Int32Array.from(data) }, vectors: noVectors(config) };
  const states = await session.run(feeds, ['penultimate', 'pooled']);
  await session.release();
  return states;
}

async function expectClose(actual: Tensor, name: string): Promise<void> {
  const expected = await read(name);
  expect(actual.shape).toEqual(expected.shape);
  const worst = actual.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i]!)), 0);
  expect(worst).toBeLessThanOrEqual(LIMIT);
  checked.add(name);
}

const checked = new Set<string>();
const results = [...tensors.keys()].filter((name) => !/^(in|delta_\w+)\//.test(name));
const cases = [...new Set(results.map((name) => name.split('/')[0]!))];

describe.each(['fp32', 'stored'] as const)('%s weights', (storage) => {
  test.each(cases)('%s', async (name) => {
    const asked = results.filter((result) => result.startsWith(`${name}/`));
    await expectClose(await runUnet(name, storage), `${name}/unet_out`);
    if (asked.includes(`${name}/te1_hidden`)) {
      const { penultimate } = await runTextEncoder(name, 'textEncoder', storage);
      await expectClose(penultimate, `${name}/te1_hidden`);
    }
    if (asked.includes(`${name}/te2_hidden`)) {
      const { penultimate, pooled } = await runTextEncoder(name, 'textEncoder2', storage);
      await expectClose(penultimate, `${name}/te2_hidden`);
      await expectClose(pooled, `${name}/te2_text_embeds`);
    }
  });
});

afterAll(() => expect([...checked].sort()).toEqual(results.sort()));
