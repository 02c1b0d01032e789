import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CheckpointError, UnsupportedModelError } from '../../../inference/checkpoint/errors.ts';
import { openCheckpoint } from '../../../inference/checkpoint/open.ts';
import { encodeSafetensors } from '../../../inference/checkpoint/safetensors.ts';
import { readWeights } from '../../../inference/checkpoint/weights-files.ts';

const MINI = 'models/mini';
const one = { shape: [1], data: Float32Array.of(1) };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the bundled miniature', () => {
  test('is a base with two text encoders and tokenizers', async () => {
    const base = await openCheckpoint(join(MINI, 'base'));
    expect(base.kind).toBe('base');
    expect(base.unet.config).toMatchObject({ blockOutChannels: [64, 128, 160], attentionHeads: [2, 4, 5] });
    expect(base.unet.config.transformerLayersPerBlock).toEqual([1, 1, 2]);
    expect(base.vae.config.scalingFactor).toBeCloseTo(0.6073858);
    expect(base.scheduler).toMatchObject({ predictionType: 'epsilon', timestepSpacing: 'leading', stepsOffset: 1 });
    expect(base.pipeline).toEqual({ forceZerosForEmptyPrompt: true, requiresAestheticsScore: false });
    expect(base.tokenizer2.config).toMatchObject({ modelMaxLength: 32, padToken: '!' });
    expect(base.kind === 'base' && base.tokenizer.config.padToken).toBe('<|endoftext|>');
    expect(base.kind === 'base' && base.textEncoder.config.hiddenAct).toBe('quick_gelu');
  });

  test('has a refiner with one text encoder', async () => {
    const refiner = await openCheckpoint(join(MINI, 'refiner'));
    expect(refiner.kind).toBe('refiner');
    expect(refiner).not.toHaveProperty('textEncoder');
    expect(refiner.pipeline).toEqual({ forceZerosForEmptyPrompt: false, requiresAestheticsScore: true });
    // One number for all levels.
    expect(refiner.unet.config.transformerLayersPerBlock).toEqual([1, 1, 1, 1]);
  });

  test('draws with another VAE when told to', async () => {
    const other = await openCheckpoint(join(MINI, 'base'), { vaePath: join(MINI, 'refiner') });
    expect([...other.vae.weights.values()][0]?.file).toContain('refiner');
    const own = await openCheckpoint(join(MINI, 'base'), { predictionType: 'v_prediction' });
    expect([...own.vae.weights.values()][0]?.file).toContain('base');
    expect(own.scheduler.predictionType).toBe('v_prediction');
  });
});

describe('a configuration that Easel cannot draw with is an error that names file and key', () => {
  const cases: [string, string, Record<string, unknown>, RegExp][] = [
    ['unet/config.json', 'another activation', { act_fn: 'mish' }, /unet\/config\.json: act_fn: is "mish"/],
    ['unet/config.json', 'class embeddings', { class_embed_type: 'timestep' }, /class_embed_type/],
    ['unet/config.json', 'no added conditioning', { addition_embed_type: null }, /addition_embed_type.*not an SDXL/],
    ['unet/config.json', 'too few heads', { attention_head_dim: [2, 4] }, /attention_head_dim: needs 3 entries/],
    ['unet/config.json', 'odd heads', { attention_head_dim: [3, 4, 5] }, /block_out_channels: 64 at level 0/],
    ['unet/config.json', 'an unknown block', { down_block_types: ['KDownBlock2D'] }, /down_block_types/],
    ['unet/config.json', 'a text', { in_channels: 'four' }, /in_channels/],
    ['vae/config.json', 'a shift', { shift_factor: 0.1 }, /vae\/config\.json: shift_factor/],
    [
      'text_encoder/config.json',
      'another activation',
      { hidden_act: 'relu' },
      /text_encoder\/config\.json: hidden_act/,
    ],
    ['scheduler/scheduler_config.json', 'another schedule', { beta_schedule: 'sigmoid' }, /beta_schedule/],
    ['unet/config.json', 'a billion layers', { layers_per_block: 1e9 }, /layers_per_block/],
    ['text_encoder_2/config.json', 'a smaller vocabulary', { vocab_size: 2477 }, /tokenizer_2: token .* has id 2477/],
    ['tokenizer/tokenizer_config.json', 'too long', { model_max_length: 77 }, /tokenizer: model_max_length is 77.*32/],
    [
      'tokenizer/tokenizer_config.json',
      'a foreign token',
      { pad_token: '[PAD]' },
      /"\[PAD\]" is not in the vocabulary/,
    ],
  ];
  test.each(cases)('%s: %s', async (file, _, change, message) => {
    await cp(join(MINI, 'base'), folder, { recursive: true });
    const path = join(folder, file);
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
    const opened = openCheckpoint(folder);
    await expect(opened).rejects.toThrow(CheckpointError);
    await expect(opened).rejects.toThrow(message);
  });

  test('another pipeline', async () => {
    await writeFile(join(folder, 'model_index.json'), JSON.stringify({ _class_name: 'FluxPipeline' }));
    await expect(openCheckpoint(folder)).rejects.toThrow(UnsupportedModelError);
    await expect(openCheckpoint(folder)).rejects.toThrow(/this is a FluxPipeline folder/);
  });

  test('a folder without a model', async () => {
    await expect(openCheckpoint(folder)).rejects.toThrow(/model_index\.json: cannot be read/);
    await expect(openCheckpoint(join(folder, 'none'))).rejects.toThrow(/no such file or folder/);
    await writeFile(join(folder, 'model_index.json'), '{');
    await expect(openCheckpoint(folder)).rejects.toThrow(/model_index\.json: is not sound JSON/);
  });
});

describe('which file holds the weights', () => {
  const write = (name: string, tensor: string) => writeFile(join(folder, name), encodeSafetensors({ [tensor]: one }));
  const names = async (variant?: string) => [...(await readWeights(folder, 'model', variant)).keys()];

  test('the full-precision one, unless a variant is asked for', async () => {
    await write('model.safetensors', 'full');
    await write('model.fp16.safetensors', 'half');
    expect(await names()).toEqual(['full']);
    expect(await names('fp16')).toEqual(['half']);
    expect(await names('bf16')).toEqual(['full']);
  });

  test('the fp16 one if there is no other', async () => {
    await write('model.fp16.safetensors', 'half');
    expect(await names()).toEqual(['half']);
  });

  test('shards by their index', async () => {
    await write('model-00001-of-00002.safetensors', 'a');
    await write('model-00002-of-00002.safetensors', 'b');
    const index = (weight_map: Record<string, string>) =>
      writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }));
    const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    await index({ a: first, b: second });
    expect(await names()).toEqual(['a', 'b']);
    await rename(join(folder, 'model.safetensors.index.json'), join(folder, 'model.safetensors.index.fp16.json'));
    expect(await names('fp16')).toEqual(['a', 'b']);
    await index({ a: first, b: first });
    await expect(names()).rejects.toThrow(/1 tensors are in no shard: b/);
    await index({ a: first, c: second });
    await expect(names()).rejects.toThrow(/does not place tensor b/);
    await index({ a: '../../etc/passwd' });
    await expect(names()).rejects.toThrow(/not a file name/);
  });

  test('never a pickle', async () => {
    await expect(names()).rejects.toThrow(/has no model\.safetensors/);
    await writeFile(join(folder, 'model.bin'), 'PK');
    await expect(names()).rejects.toThrow(/only model\.bin, a pickle/);
  });
});

test('a tokenizer may come as one tokenizer.json', async () => {
  await cp(join(MINI, 'base'), folder, { recursive: true });
  const tokenizer = join(folder, 'tokenizer_2');
  const before = await openCheckpoint(folder);
  const vocab = JSON.parse(await readFile(join(tokenizer, 'vocab.json'), 'utf8'));
  const merges = (await readFile(join(tokenizer, 'merges.txt'), 'utf8')).trim().split('\n').slice(1);
  await rm(join(tokenizer, 'vocab.json'));
  await writeFile(join(tokenizer, 'tokenizer.json'), JSON.stringify({ model: { type: 'BPE', vocab, merges } }));
  expect((await openCheckpoint(folder)).tokenizer2).toEqual(before.tokenizer2);
});
