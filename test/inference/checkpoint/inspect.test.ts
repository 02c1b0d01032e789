import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectCheckpoint } from '../../../inference/checkpoint/inspect.ts';

const GOLDEN = 'test/fixtures/golden';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-inspect-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the miniature: a folder', async () => {
  const inspection = await inspectCheckpoint('models/mini/base');
  expect(inspection).toMatchObject({
    layout: 'folder',
    kind: 'base',
    predictionType: 'epsilon',
    zeroTerminalSnr: false,
    nativeSize: 256,
    tokenizer: { vocabulary: 2478, modelMaxLength: 32 },
  });
  expect(inspection.parts.map(({ name }) => name)).toEqual(['unet', 'text_encoder', 'text_encoder_2', 'vae']);
  for (const part of inspection.parts) {
    expect(part.dtypes).toEqual({ F16: part.parameters });
    expect(part.bytes).toBe(2 * part.parameters);
  }
  expect(inspection.parameters).toBe(inspection.parts.reduce((sum, part) => sum + part.parameters, 0));
  expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
  const refiner = await inspectCheckpoint('models/mini/refiner');
  expect(refiner).toMatchObject({ kind: 'refiner', nativeSize: 256 });
  expect(refiner.parts.map(({ name }) => name)).toEqual(['unet', 'text_encoder_2', 'vae']);
});

test.each([
  ['single-file/sdxl_tiny_base.safetensors', 'base', 'an SDXL base checkpoint'],
  ['single-file/sdxl_tiny_refiner.safetensors', 'refiner', 'an SDXL refiner checkpoint'],
  ['lora/kohya.safetensors', 'lora', 'a LoRA'],
  ['lora/peft.safetensors', 'lora', 'a LoRA'],
  ['lora/loha.safetensors', 'lora', 'a LoHa'],
  ['lora/lokr.safetensors', 'lora', 'a LoKr'],
  ['models/vae/diffusion_pytorch_model.safetensors', 'vae', 'a VAE'],
  ['models/unet/diffusion_pytorch_model.safetensors', 'other', 'the UNet of a diffusers folder alone'],
  ['models/text_encoder/model.safetensors', 'other', 'a text encoder alone'],
])('%s: a file', async (name, kind, description) => {
  expect(await inspectCheckpoint(join(GOLDEN, name))).toMatchObject({ layout: 'file', kind, description });
});

test('a file’s notes are shown, the long ones cut', async () => {
  const { metadata } = await inspectCheckpoint(join(GOLDEN, 'lora/peft_alpha/pytorch_lora_weights.safetensors'));
  expect(metadata.format).toBe('pt');
  expect(metadata.lora_adapter_metadata).toHaveLength(301);
});

test('what cannot be read is an error that names it', async () => {
  await expect(inspectCheckpoint(join(folder, 'none'))).rejects.toThrow(/none: there is no such file or folder/);
  const pickle = join(folder, 'old.ckpt');
  await writeFile(pickle, Buffer.from('PK\x03\x04', 'latin1'));
  await expect(inspectCheckpoint(pickle)).rejects.toThrow(/old\.ckpt: this is a PyTorch pickle/);
});
