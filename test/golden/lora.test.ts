import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Lora } from '../../inference/checkpoint/adapter.ts';
import { adapterDelta } from '../../inference/checkpoint/adapter-delta.ts';
import type { Checkpoint } from '../../inference/checkpoint/checkpoint.ts';
import { readTextEncoder, readUnet, readVae } from '../../inference/checkpoint/folder.ts';
import { openLora } from '../../inference/checkpoint/lora.ts';
import { openCheckpoint } from '../../inference/checkpoint/open.ts';
import { readSafetensorsHeader, readTensor } from '../../inference/checkpoint/safetensors.ts';
import { goldenPath } from './golden-folder.ts';

const part = (name: string) => goldenPath('models', name);
const mini = await openCheckpoint('models/mini/base');
if (mini.kind !== 'base') throw new Error('The miniature is a base.');
const checkpoint: Checkpoint = {
  ...mini,
  unet: await readUnet(part('unet')),
  vae: await readVae(part('vae')),
  textEncoder: await readTextEncoder(part('text_encoder')),
  textEncoder2: await readTextEncoder(part('text_encoder_2')),
};
const expected = await readSafetensorsHeader(goldenPath('lora', 'expected.safetensors'));
const index: { a: string; b: string; kohya_names: Record<string, string> } = JSON.parse(
  readFileSync(goldenPath('lora', 'index.json'), 'utf8'),
);

const open = (name: string) => openLora(goldenPath('lora', name), checkpoint);
const files: Record<string, Lora> = {
  a: await open(index.a),
  b: await open(index.b),
  loha: await open('loha.safetensors'),
  lokr: await open('lokr.safetensors'),
};
const COMPONENTS = { unet: 'unet', text_encoder: 'textEncoder', text_encoder_2: 'textEncoder2' } as const;

const deltas = [...expected.tensors].filter(([name]) => name.startsWith('delta_'));

test('there are expected deltas of every kind', () => {
  expect([...new Set(deltas.map(([name]) => name.split('/')[0]))].sort()).toEqual([
    'delta_a',
    'delta_b',
    'delta_loha',
    'delta_lokr',
  ]);
});

test.each(deltas)('%s', async (name, stored) => {
  const [kind, component, weight] = name.split('/') as [string, keyof typeof COMPONENTS, string];
  const { adapters } = files[kind.slice('delta_'.length)]!;
  const adapter = adapters.find(
    (candidate) => candidate.component === COMPONENTS[component] && `${candidate.module}.weight` === weight,
  );
  const delta = await adapterDelta(adapter!);
  const wanted = await readTensor(stored);
  expect(delta.shape).toEqual(wanted.shape);
  const worst = delta.data.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted.data[i]!)), 0);
  expect(worst).toBeLessThanOrEqual(1e-6);
  expect(wanted.data.some((value) => Math.abs(value) > 1e-3)).toBe(true);
});

describe('every tensor finds its module', () => {
  test('kohya’s names', () => {
    const modules = files.b!.adapters.filter(({ component }) => component === 'unet').map(({ module }) => module);
    expect(modules.sort()).toEqual(Object.keys(index.kohya_names).sort());
    expect(files.b!.adapters.filter(({ component }) => component === 'textEncoder').length).toBeGreaterThan(0);
    expect(files.b!.adapters.filter(({ component }) => component === 'textEncoder2').length).toBeGreaterThan(0);
  });

  test('PEFT’s names', async () => {
    const { tensors } = await readSafetensorsHeader(goldenPath('lora', index.a));
    expect(files.a!.adapters).toHaveLength(tensors.size / 2);
    expect(files.a!.adapters.every(({ scale }) => scale === 1)).toBe(true);
  });
});

describe('scales', () => {
  test('PEFT’s alpha from the metadata', async () => {
    const { adapters } = await open('peft_alpha/pytorch_lora_weights.safetensors');
    expect(adapters.length).toBeGreaterThan(0);
    expect(adapters.every(({ scale }) => scale === 2)).toBe(true);
  });

  test('each module its own alpha, its rank where there is none', async () => {
    const { adapters } = await open('kohya_mixed_alpha.safetensors');
    const { tensors } = await readSafetensorsHeader(goldenPath('lora', 'kohya_mixed_alpha.safetensors'));
    const alphas = new Map<string, number>();
    for (const [name, stored] of tensors) {
      if (name.endsWith('.alpha')) alphas.set(name.slice(0, -'.alpha'.length), (await readTensor(stored)).data[0]!);
    }
    const down = [...tensors].filter(([name]) => name.endsWith('.lora_down.weight'));
    const wanted = down.map(
      ([
        name,
        {
          shape: [rank],
        },
      ]) => {
        return (alphas.get(name.slice(0, -'.lora_down.weight'.length)) ?? rank!) / rank!;
      },
    );
    expect(adapters.map(({ scale }) => scale).sort()).toEqual(wanted.sort());
    expect(alphas.size).toBeLessThan(adapters.length);
    expect(new Set(wanted).size).toBeGreaterThan(1);
    const half = await open('kohya_fp16.safetensors');
    expect(half.adapters.map(({ scale }) => scale)).toEqual(files.b!.adapters.map(({ scale }) => scale));
    expect(half.adapters.every((adapter) => adapter.kind === 'lora' && adapter.up.dtype === 'F16')).toBe(true);
  });
});
