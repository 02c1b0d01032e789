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
import { branchFeeds, canBeFed, readFactors } from '../../inference/pipeline/lora-factors.ts';
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

type EncoderName = 'textEncoder' | 'textEncoder2';

interface Runner {
  unet(name: string): Promise<Tensor>;
  textEncoder(name: string, component: EncoderName): Promise<{ readonly penultimate: Tensor; readonly pooled: Tensor }>;
}

async function unetFeeds() {
  return {
    sample: await read('in/sample'),
    timestep: await read('in/timestep'),
    encoder_hidden_states: await read('in/encoder_hidden_states'),
    text_embeds: await read('in/text_embeds'),
    time_ids: await read('in/time_ids'),
  };
}

async function encoderFeeds(component: EncoderName) {
  const { shape, data } = await read(component === 'textEncoder' ? 'in/ids1' : 'in/ids2');
  return { input_ids: { shape, data: Int32Array.from(data) }, vectors: noVectors(checkpoint[component].config) };
}

/** Networks with a case's adapters in their graphs: a session for each. */
function inGraphs(storage: Storage): Runner {
  return {
    async unet(name) {
      const { config, weights } = checkpoint.unet;
      const adapters = await adaptersOf(name, 'unet');
      const session = await createSession(buildUnet(config, weights, { ...cpu, storage, adapters }), cpu);
      const { prediction } = await session.run(await unetFeeds());
      await session.release();
      return prediction;
    },
    async textEncoder(name, component) {
      const { config, weights } = checkpoint[component];
      const adapters = await adaptersOf(name, component);
      const session = await createSession(buildTextEncoder(config, weights, { ...cpu, storage, adapters }), cpu);
      const states = await session.run(await encoderFeeds(component), ['penultimate', 'pooled']);
      await session.release();
      return states;
    },
  };
}

/** Networks with open branches, to which a case's adapters are fed: one session for all. */
async function fed(): Promise<Runner> {
  const open = { ...cpu, storage: 'stored', openLayers: 'all' } as const;
  const factorsOf = async (name: string, component: AdaptedComponent) => {
    const adapters = await adaptersOf(name, component);
    if (!canBeFed(adapters)) throw new Error(`${name} is not of low rank.`);
    return readFactors(adapters);
  };
  const graph = buildUnet(checkpoint.unet.config, checkpoint.unet.weights, open);
  const session = await createSession(graph, cpu);
  const encoder = async (component: EncoderName) => {
    const { config, weights } = checkpoint[component];
    const model = buildTextEncoder(config, weights, open);
    return { model, session: await createSession(model, cpu) };
  };
  const encoders = { textEncoder: await encoder('textEncoder'), textEncoder2: await encoder('textEncoder2') };
  return {
    async unet(name) {
      const factors = branchFeeds(graph.branches, await factorsOf(name, 'unet'));
      return (await session.run(await unetFeeds(), ['prediction'], factors)).prediction;
    },
    async textEncoder(name, component) {
      const { model, session } = encoders[component];
      const factors = branchFeeds(model.branches, await factorsOf(name, component));
      return session.run(await encoderFeeds(component), ['penultimate', 'pooled'], factors);
    },
  };
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

async function check(name: string, { unet, textEncoder }: Runner): Promise<void> {
  const asked = results.filter((result) => result.startsWith(`${name}/`));
  await expectClose(await unet(name), `${name}/unet_out`);
  if (asked.includes(`${name}/te1_hidden`)) {
    const { penultimate } = await textEncoder(name, 'textEncoder');
    await expectClose(penultimate, `${name}/te1_hidden`);
  }
  if (asked.includes(`${name}/te2_hidden`)) {
    const { penultimate, pooled } = await textEncoder(name, 'textEncoder2');
    await expectClose(penultimate, `${name}/te2_hidden`);
    await expectClose(pooled, `${name}/te2_text_embeds`);
  }
}

describe.each(['fp32', 'stored'] as const)('%s weights', (storage) => {
  test.each(cases)('%s', (name) => check(name, inGraphs(storage)));
  afterAll(() => expect([...checked].sort()).toEqual(results.sort()));
});

describe('fed to one session, one after the other', async () => {
  const lowRank = cases.filter((name) => !/^lo(ha|kr)/.test(name));
  const runner = await fed();
  test.each(lowRank)('%s', (name) => check(name, runner));
});
