import { describe, expect, test } from 'vitest';
import { readTextEncoder, readUnet, readVae } from '../../inference/checkpoint/folder.ts';
import { openCheckpoint } from '../../inference/checkpoint/open.ts';
import { readSafetensorsHeader, readTensor } from '../../inference/checkpoint/safetensors.ts';
import type { StoredTensor, Weights } from '../../inference/checkpoint/weights.ts';
import { goldenPath } from './golden-folder.ts';

const folder = (name: string) => goldenPath('models', name);
const unet = await readUnet(folder('unet'), 'fp16');
const refinerUnet = await readUnet(folder('refiner_unet'), 'fp16');
const vae = await readVae(folder('vae'), 'fp16');
const textEncoder = await readTextEncoder(folder('text_encoder'), 'fp16');
const textEncoder2 = await readTextEncoder(folder('text_encoder_2'), 'fp16');

const base = await openCheckpoint(goldenPath('single-file', 'sdxl_tiny_base.safetensors'), {
  configurations: {
    unet: unet.config,
    vae: vae.config,
    textEncoder: textEncoder.config,
    textEncoder2: textEncoder2.config,
  },
});
const refiner = await openCheckpoint(goldenPath('single-file', 'sdxl_tiny_refiner.safetensors'), {
  configurations: { unet: refinerUnet.config, vae: vae.config, textEncoder2: textEncoder2.config },
});

test('the kind is told by the text encoders', () => {
  expect(base.kind).toBe('base');
  expect(refiner.kind).toBe('refiner');
  expect(base.pipeline).toEqual({ forceZerosForEmptyPrompt: true, requiresAestheticsScore: false });
  expect(refiner.pipeline).toEqual({ forceZerosForEmptyPrompt: false, requiresAestheticsScore: true });
});

describe.each([
  ['base unet', () => base.unet.weights, unet.weights],
  ['base vae', () => base.vae.weights, vae.weights],
  ['base text encoder', () => (base.kind === 'base' ? base.textEncoder.weights : new Map()), textEncoder.weights],
  ['base text encoder 2', () => base.textEncoder2.weights, textEncoder2.weights],
  ['refiner unet', () => refiner.unet.weights, refinerUnet.weights],
  ['refiner vae', () => refiner.vae.weights, vae.weights],
  ['refiner text encoder 2', () => refiner.textEncoder2.weights, textEncoder2.weights],
])('%s', (_, weightsOf, expected: Weights) => {
  test('has the names of the diffusers file, no more and no fewer', () => {
    expect([...weightsOf().keys()].sort()).toEqual([...expected.keys()].sort());
  });

  test('has its values', async () => {
    for (const [name, stored] of weightsOf()) {
      const wanted = expected.get(name)!;
      const actual = await meaning(stored);
      expect(actual.shape, name).toEqual(wanted.shape);
      expect(Buffer.from(actual.data.buffer).equals(Buffer.from((await readTensor(wanted)).data.buffer)), name).toBe(
        true,
      );
    }
  });
});

test('the fixtures’ own notes agree', async () => {
  const header = await readSafetensorsHeader(goldenPath('single-file', 'sdxl_tiny_base.safetensors'));
  expect(header.metadata.get('modelspec.architecture')).toBe('stable-diffusion-xl-v1-base');
});

/** What the consumer's parameter is: the stored matrix, or its transpose where it is marked so. */
async function meaning(stored: StoredTensor) {
  const { shape, data } = await readTensor(stored);
  if (!stored.transposed) return { shape, data };
  const [rows, columns] = shape as [number, number];
  const transposed = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) transposed[column * rows + row] = data[row * columns + column]!;
  }
  return { shape: [columns, rows], data: transposed };
}
