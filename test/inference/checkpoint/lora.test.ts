import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CheckpointError, UnsupportedModelError } from '../../../inference/checkpoint/errors.ts';
import { inspectCheckpoint } from '../../../inference/checkpoint/inspect.ts';
import { openLora } from '../../../inference/checkpoint/lora.ts';
import { openCheckpoint } from '../../../inference/checkpoint/open.ts';
import { encodeSafetensors } from '../../../inference/checkpoint/safetensors.ts';

const base = await openCheckpoint('models/mini/base');
const refiner = await openCheckpoint('models/mini/refiner');
let folder = '';
let path = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-lora-'));
  path = join(folder, 'style.safetensors');
});
afterAll(() => rm(folder, { recursive: true }));

/** Opens a file of tensors of ones with these shapes; a number is a scalar of that value. */
async function open(
  shapes: Record<string, readonly number[] | number>,
  metadata: Record<string, string> = {},
  checkpoint = base,
) {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    if (typeof shape === 'number') return [name, { shape: [], data: Float32Array.of(shape) }] as const;
    return [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) }] as const;
  });
  await writeFile(path, encodeSafetensors(Object.fromEntries(tensors), metadata));
  return openLora(path, checkpoint);
}

const ATTENTION = 'down_blocks.1.attentions.0.transformer_blocks.0.attn1';

describe('one module by every name that trainers write', () => {
  test.each([
    [
      'kohya, original',
      `lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.lora_down.weight`,
      `lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.lora_up.weight`,
    ],
    [
      'kohya, diffusers',
      `lora_unet_${ATTENTION.replaceAll('.', '_')}_to_q.lora_down.weight`,
      `lora_unet_${ATTENTION.replaceAll('.', '_')}_to_q.lora_up.weight`,
    ],
    ['PEFT in diffusers', `unet.${ATTENTION}.to_q.lora_A.weight`, `unet.${ATTENTION}.to_q.lora_B.weight`],
    [
      'PEFT by itself',
      `base_model.model.${ATTENTION}.to_q.lora_A.default.weight`,
      `base_model.model.${ATTENTION}.to_q.lora_B.default.weight`,
    ],
    ['diffusers', `unet.${ATTENTION}.to_q.lora.down.weight`, `unet.${ATTENTION}.to_q.lora.up.weight`],
    [
      'diffusers, early',
      `unet.${ATTENTION}.processor.to_q_lora.down.weight`,
      `unet.${ATTENTION}.processor.to_q_lora.up.weight`,
    ],
    [
      'without a prefix',
      `${ATTENTION}.to_q.lora_linear_layer.down.weight`,
      `${ATTENTION}.to_q.lora_linear_layer.up.weight`,
    ],
    [
      'ComfyUI',
      'diffusion_model.input_blocks.4.1.transformer_blocks.0.attn1.to_q.lora_down.weight',
      'diffusion_model.input_blocks.4.1.transformer_blocks.0.attn1.to_q.lora_up.weight',
    ],
  ])('%s', async (_, down, up) => {
    const { adapters } = await open({ [down]: [4, 128], [up]: [128, 4] });
    expect(adapters).toMatchObject([
      { kind: 'lora', component: 'unet', module: `${ATTENTION}.to_q`, shape: [128, 128], scale: 1 },
    ]);
  });

  test.each([
    ['SimpleTuner', `lycoris_${ATTENTION.replaceAll('.', '_')}_to_q.`],
    ['PEFT under a name of its own', `unet.${ATTENTION}.to_q.`, '.style-1'],
  ])('%s', async (_, module, adapter = '') => {
    const [down, up] = adapter === '' ? ['lora_down', 'lora_up'] : [`lora_A${adapter}`, `lora_B${adapter}`];
    const { adapters } = await open({ [`${module}${down}.weight`]: [4, 128], [`${module}${up}.weight`]: [128, 4] });
    expect(adapters).toMatchObject([{ component: 'unet', module: `${ATTENTION}.to_q` }]);
  });

  test.each([
    ['lora_te1_encoder_layers_0_self_attn_q_proj.', 'textEncoder', 96],
    ['text_encoder.encoder.layers.0.self_attn.q_proj.', 'textEncoder', 96],
    ['text_encoders.clip_l.transformer.text_model.encoder.layers.0.self_attn.q_proj.', 'textEncoder', 96],
    ['clip_l.text_model.encoder.layers.0.self_attn.q_proj.', 'textEncoder', 96],
    ['clip_g.transformer.text_model.encoder.layers.0.self_attn.q_proj.', 'textEncoder2', 128],
  ] as const)('of a text encoder: %s', async (name, component, width) => {
    const { adapters } = await open({ [`${name}lora_down.weight`]: [2, width], [`${name}lora_up.weight`]: [width, 2] });
    expect(adapters).toMatchObject([{ component, module: 'text_model.encoder.layers.0.self_attn.q_proj' }]);
  });

  test('embeddings that came with it are passed over', async () => {
    const module = `unet.${ATTENTION}.to_q.`;
    const { adapters } = await open({
      [`${module}lora_A.weight`]: [4, 128],
      [`${module}lora_B.weight`]: [128, 4],
      'bundle_emb.cosy.clip_l': [1, 96],
    });
    expect(adapters).toHaveLength(1);
  });

  test('text encoders', async () => {
    const { adapters } = await open({
      'lora_te1_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight': [2, 96],
      'lora_te1_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight': [96, 2],
      'text_encoder_2.text_model.encoder.layers.1.mlp.fc1.lora_A.weight': [2, 128],
      'text_encoder_2.text_model.encoder.layers.1.mlp.fc1.lora_B.weight': [512, 2],
    });
    expect(adapters.map(({ component, module }) => [component, module])).toEqual([
      ['textEncoder', 'text_model.encoder.layers.0.self_attn.q_proj'],
      ['textEncoder2', 'text_model.encoder.layers.1.mlp.fc1'],
    ]);
  });

  test('a matrix where the model has a 1 x 1 kernel, and the reverse', async () => {
    const { adapters } = await open({
      'lora_unet_input_blocks_4_0_skip_connection.lora_down.weight': [4, 64],
      'lora_unet_input_blocks_4_0_skip_connection.lora_up.weight': [128, 4],
      'lora_unet_input_blocks_4_1_proj_in.lora_down.weight': [4, 128, 1, 1],
      'lora_unet_input_blocks_4_1_proj_in.lora_up.weight': [128, 4, 1, 1],
    });
    expect(adapters).toHaveLength(2);
  });
});

describe('scales', () => {
  const query = `unet.${ATTENTION}.to_q`;
  const shapes = { [`${query}.lora_A.weight`]: [4, 128], [`${query}.lora_B.weight`]: [128, 4] };
  const scaleWith = async (config: Record<string, unknown>) =>
    (await open(shapes, { lora_adapter_metadata: JSON.stringify(config) })).adapters[0]?.scale;

  test('of PEFT’s configuration', async () => {
    expect(await scaleWith({ 'unet.lora_alpha': 8 })).toBe(2);
    expect(await scaleWith({ 'unet.lora_alpha': 8, 'unet.use_rslora': true })).toBe(4);
    expect(await scaleWith({ 'unet.lora_alpha': 8, 'unet.alpha_pattern': { 'attn1.to_q': 2 } })).toBe(0.5);
    expect(await scaleWith({ 'text_encoder.lora_alpha': 8 })).toBe(1);
    await expect(scaleWith({ 'unet.use_dora': true })).rejects.toThrow(/use_dora: DoRA is not supported/);
  });

  test('that are damaged are refused by name', async () => {
    await expect(open(shapes, { lora_adapter_metadata: '{' })).rejects.toThrow(/lora_adapter_metadata is not/);
    await expect(open({ ...shapes, [`${query}.alpha`]: Number.NaN })).rejects.toThrow(/to_q\.alpha" is not one number/);
  });

  test('of whole Kronecker factors are 1 whatever alpha says', async () => {
    const name = `lora_unet_${ATTENTION.replaceAll('.', '_')}_to_q`;
    const whole = await open({ [`${name}.lokr_w1`]: [8, 8], [`${name}.lokr_w2`]: [16, 16], [`${name}.alpha`]: 1e9 });
    expect(whole.adapters).toMatchObject([{ kind: 'lokr', scale: 1 }]);
    const product = await open({
      [`${name}.lokr_w1`]: [8, 8],
      [`${name}.lokr_w2_a`]: [16, 4],
      [`${name}.lokr_w2_b`]: [4, 16],
      [`${name}.alpha`]: 2,
    });
    expect(product.adapters).toMatchObject([{ kind: 'lokr', scale: 0.5 }]);
  });
});

describe('a kind that is not drawn with is refused by its name, which inspecting tells too', () => {
  const module = `lora_unet_${ATTENTION.replaceAll('.', '_')}_to_q`;
  const plain = { [`${module}.lora_down.weight`]: [4, 128], [`${module}.lora_up.weight`]: [128, 4] };
  test.each<[string, Record<string, readonly number[]>]>([
    ['DoRA', { ...plain, [`${module}.dora_scale`]: [128, 1] }],
    ['DoRA', { ...plain, [`${module}.lora_magnitude_vector.default`]: [128] }],
    ['LyCORIS (Tucker)', { ...plain, [`${module}.lora_mid.weight`]: [4, 4] }],
    ['LyCORIS (norms)', { [`${module}.w_norm`]: [128] }],
    ['LyCORIS (full)', { [`${module}.diff`]: [128, 128] }],
    ['OFT or BOFT', { [`${module}.oft_blocks`]: [4, 32, 32] }],
    ['GLoRA', { [`${module}.a1.weight`]: [4, 128], [`${module}.b1.weight`]: [4, 128] }],
    ['IA3', { [`${module}.weight`]: [128], [`${module}.on_input`]: [1] }],
  ])('%s', async (kind, shapes) => {
    await expect(open(shapes)).rejects.toThrow(
      `style.safetensors: this is an adapter of the kind ${kind}, which Easel does not draw with`,
    );
    expect(await inspectCheckpoint(path)).toMatchObject({
      kind: 'lora',
      description: `an adapter of the kind ${kind}, which Easel does not draw with`,
    });
  });
});

describe('what does not fit is refused with its name', () => {
  const query = `unet.${ATTENTION}.to_q`;
  test.each([
    [
      'another width',
      { [`${query}.lora_A.weight`]: [4, 64], [`${query}.lora_B.weight`]: [128, 4] },
      /down \[4, 64\].*does not fit unet down_blocks.*shape \[128, 128\]/,
    ],
    [
      'ranks that differ',
      { [`${query}.lora_A.weight`]: [4, 128], [`${query}.lora_B.weight`]: [128, 8] },
      /does not fit/,
    ],
    ['one half', { [`${query}.lora_A.weight`]: [4, 128] }, /its down \[4, 128\] does not fit/],
    [
      'another model’s modules',
      {
        'lora_unet_mid_block_attentions_7_proj.lora_down.weight': [4, 8],
        'lora_unet_mid_block_attentions_7_proj.lora_up.weight': [8, 4],
      },
      /1 of its 1 modules are not in this base model/,
    ],
    [
      'DoRA',
      { [`${query}.lora_A.weight`]: [4, 128], [`${query}.lora_B.weight`]: [128, 4], [`${query}.dora_scale`]: [128, 1] },
      /this is an adapter of the kind DoRA, which Easel does not draw with/,
    ],
  ])('%s', async (_, shapes, message) => {
    const opened = open(shapes as Record<string, readonly number[]>);
    await expect(opened).rejects.toThrow(CheckpointError);
    await expect(opened).rejects.toThrow(message);
  });

  test('a base’s LoRA on the refiner', async () => {
    await expect(
      open({ 'lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight': [4, 96] }, {}, refiner),
    ).rejects.toThrow(/not in this refiner model/);
  });

  test('a file that is no LoRA', async () => {
    const upscaler = openLora('models/upscaler/model.safetensors', base);
    await expect(upscaler).rejects.toThrow(UnsupportedModelError);
    await expect(upscaler).rejects.toThrow(/A LoRA is needed here/);
  });
});
