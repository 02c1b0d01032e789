import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../../inference/checkpoint/checkpoint.ts';
import { CheckpointError, UnsupportedModelError } from '../../../inference/checkpoint/errors.ts';
import { openCheckpoint } from '../../../inference/checkpoint/open.ts';
import { requireDrawable } from '../../../inference/pipeline/require-drawable.ts';
import { writeSparseSafetensors } from './sparse-file.ts';

type Shapes = Record<string, readonly number[]>;
const KEYS = 'test/fixtures/golden/keys';
const keys = (name: string): Shapes => JSON.parse(readFileSync(join(KEYS, `${name}.json`), 'utf8'));
const base = keys('base.single-file');
const refiner = keys('refiner.single-file');
const without = (shapes: Shapes, pattern: RegExp): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !pattern.test(name)));

let folder = '';
let path = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-single-'));
  path = join(folder, 'model.safetensors');
});
afterAll(() => rm(folder, { recursive: true }));

describe('how a model predicts', () => {
  test.each([
    [
      'nothing is said',
      {},
      { predictionType: 'epsilon', timestepSpacing: 'leading', rescaleBetasZeroSnr: false, edm: null },
    ],
    ['v_pred', { v_pred: [0] }, { predictionType: 'v_prediction', rescaleBetasZeroSnr: false }],
    [
      'v_pred, ztsnr',
      { v_pred: [0], ztsnr: [0] },
      { predictionType: 'v_prediction', rescaleBetasZeroSnr: true, timestepSpacing: 'trailing' },
    ],
  ])('%s', async (_, markers, expected) => {
    await writeSparseSafetensors(path, { ...base, ...markers });
    expect((await openCheckpoint(path)).scheduler).toMatchObject(expected);
  });

  test('the metadata says so, or a person does', async () => {
    await writeSparseSafetensors(path, refiner, { metadata: { 'modelspec.prediction_type': 'v' } });
    expect((await openCheckpoint(path)).scheduler.predictionType).toBe('v_prediction');
    const byHand = await openCheckpoint(path, { predictionType: 'epsilon' });
    expect(byHand.scheduler.predictionType).toBe('epsilon');
  });
});

describe('the VAE', () => {
  const vaeOnly = Object.fromEntries(
    Object.entries(base)
      .filter(([name]) => name.startsWith('first_stage_model.'))
      .map(([name, shape]) => [name.slice('first_stage_model.'.length), shape]),
  );
  const expected = keys('diffusers.vae');

  test('may be missing, but then one must be named', async () => {
    await writeSparseSafetensors(path, without(base, /^first_stage_model/));
    await expect(openCheckpoint(path)).rejects.toThrow(/has no VAE. Name a VAE file/);
  });

  test.each([
    ['the original layout', vaeOnly],
    [
      'the original layout with its prefix',
      Object.fromEntries(Object.entries(vaeOnly).map(([name, shape]) => [`first_stage_model.${name}`, shape])),
    ],
    ['diffusers’ layout', expected],
    [
      'diffusers’ early layout',
      Object.fromEntries(
        Object.entries(expected).map(([name, shape]) => [
          name
            .replace('.to_q.', '.query.')
            .replace('.to_k.', '.key.')
            .replace('.to_v.', '.value.')
            .replace('.to_out.0.', '.proj_attn.'),
          shape,
        ]),
      ),
    ],
  ])('may be a file in %s', async (_, shapes) => {
    const vaePath = join(folder, 'vae.safetensors');
    await writeSparseSafetensors(vaePath, shapes, { dtype: 'F32' });
    await writeSparseSafetensors(path, refiner);
    const { vae } = await openCheckpoint(path, { vaePath });
    expect(Object.fromEntries([...vae.weights].map(([name, { shape }]) => [name, shape]))).toEqual(expected);
    expect([...vae.weights.values()].every(({ file }) => file.endsWith('vae.safetensors'))).toBe(true);
    expect(vae.config).toMatchObject({
      blockOutChannels: [128, 256, 512, 512],
      layersPerBlock: 2,
      scalingFactor: 0.13025,
    });
  });

  test('is not a LoRA', async () => {
    await writeSparseSafetensors(path, {
      'lora_unet_x.lora_down.weight': [4, 8],
      'lora_unet_x.lora_up.weight': [8, 4],
    });
    await expect(openCheckpoint('models/mini/base', { vaePath: path })).rejects.toThrow(/this is a lora/i);
  });
});

describe('what else people have is refused as what it is', () => {
  test.each([
    [
      'a Stable Diffusion 1 model',
      { 'cond_stage_model.transformer.text_model.x': [1], 'model.diffusion_model.x': [1] },
    ],
    ['a Stable Diffusion 2 model', { 'cond_stage_model.model.ln_final.bias': [1], 'model.diffusion_model.x': [1] }],
    ['a Stable Diffusion 3 model', { 'model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight': [1] }],
    ['a Flux model', { 'double_blocks.0.img_attn.qkv.weight': [1] }],
    ['a LoRA', { 'lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight': [1] }],
    ['a textual inversion embedding', { clip_g: [1], clip_l: [1] }],
    ['a VAE alone', { 'decoder.up.0.block.0.conv1.weight': [1] }],
    ['a ControlNet', { 'control_model.input_hint_block.0.bias': [1] }],
    ['an SDXL UNet without its text encoders', { 'model.diffusion_model.label_emb.0.0.weight': [1] }],
    ['the UNet of a diffusers folder alone', { 'add_embedding.linear_1.weight': [1] }],
    ['a file of tensors that Easel does not know', { what: [1] }],
  ])('%s', async (found, shapes: Shapes) => {
    await writeSparseSafetensors(path, shapes);
    await expect(openCheckpoint(path)).rejects.toThrow(UnsupportedModelError);
    await expect(openCheckpoint(path)).rejects.toThrow(`model.safetensors: this is ${found}.`);
  });

  test('the bundled upscaler', async () => {
    await expect(openCheckpoint('models/upscaler/model.safetensors')).rejects.toThrow(/this is an upscaler/);
  });

  test('a distilled SDXL without attention in the middle', async () => {
    await writeSparseSafetensors(path, without(base, /middle_block\.1\./));
    await expect(openCheckpoint(path)).rejects.toThrow(/distilled SDXL/);
  });
});

describe('tensors', () => {
  test('that are a layer more in the UNet are another network', async () => {
    await writeSparseSafetensors(path, { ...base, 'model.diffusion_model.input_blocks.1.0.gate.weight': [1] });
    const checkpoint = await openCheckpoint(path);
    expect(() => requireDrawable(checkpoint)).toThrow(CheckpointError);
    expect(() => requireDrawable(checkpoint)).toThrow(
      /model\.safetensors: 1 tensor does not fit the UNet \(.*gate\.weight/,
    );
  });

  test.each([8, 9])('of a UNet that takes %d channels are told when the file is opened', async (channels) => {
    const [outputs = 0, , ...kernel] = base['model.diffusion_model.input_blocks.0.0.weight'] ?? [];
    const wide = { 'model.diffusion_model.input_blocks.0.0.weight': [outputs, channels, ...kernel] };
    await writeSparseSafetensors(path, { ...base, ...wide });
    const checkpoint = await openCheckpoint(path);
    expect(() => requireDrawable(checkpoint)).toThrow(`its UNet takes ${channels} channels, not the 4`);
  });

  test('of scaled float8 are refused by name, wherever the mark stands', async () => {
    for (const name of ['scaled_fp8', 'out.2.scale_weight', 'out.2.weight_scale', 'out.2.comfy_quant']) {
      await writeSparseSafetensors(path, { ...base, [`model.diffusion_model.${name}`]: [1] });
      await expect(openCheckpoint(path)).rejects.toThrow(/a model in scaled float8 \(get it in float16/);
    }
  });

  test('of the text encoders may have other names', async () => {
    await writeSparseSafetensors(path, base);
    const plain = await openCheckpoint(path);
    const second = 'conditioner.embedders.1.model.';
    const names = (checkpoint: Checkpoint) => [...checkpoint.textEncoder2.weights.keys()].sort();
    const others: Shapes[] = [
      Object.fromEntries(
        Object.entries(base).map(([name, shape]) => [
          name.replace(`${second}text_projection`, `${second}text_projection.weight`),
          shape,
        ]),
      ),
      {
        ...without(base, /embedders\.1\./),
        ...Object.fromEntries(
          [...plain.textEncoder2.weights].map(([name, { shape }]) => [`${second}transformer.${name}`, shape]),
        ),
      },
      Object.fromEntries(
        Object.entries(base).map(([name, shape]) => [
          name.replace('0.transformer.text_model.', '0.transformer.'),
          shape,
        ]),
      ),
    ];
    for (const shapes of others) {
      await writeSparseSafetensors(path, shapes);
      const checkpoint = await openCheckpoint(path);
      expect(names(checkpoint)).toEqual(names(plain));
      expect(() => requireDrawable(checkpoint)).not.toThrow();
    }
  });

  test('of a whole text encoder that are not there are told in one line', async () => {
    await writeSparseSafetensors(path, without(base, /embedders\.0\./));
    await expect(openCheckpoint(path)).rejects.toThrow(/has no first text encoder \(CLIP ViT-L\)/);
  });

  test('that drawing does not need are passed over', async () => {
    const extra = {
      'model_ema.decay': [1],
      alphas_cumprod: [1000],
      global_step: [1],
      'cond_stage_model.transformer.text_model.embeddings.position_ids': [1, 77],
      'model.diffusion_model.ztsnr_leftover': [1],
      'first_stage_model.time_stack': [3],
      'first_stage_model.loss.discriminator.main.0.weight': [4, 3, 4, 4],
      'denoiser.sigmas': [1000],
      'conditioner.embedders.0.transformer.text_projection.weight': [768, 768],
    };
    await writeSparseSafetensors(path, { ...base, ...extra });
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.kind).toBe('base');
    expect(() => requireDrawable(checkpoint)).not.toThrow();
  });

  test('of channels from which heads cannot be told need a configuration', async () => {
    await expect(openCheckpoint('test/fixtures/golden/single-file/sdxl_tiny_base.safetensors')).rejects.toThrow(
      /open it with its configuration/,
    );
  });
});
