import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  parseTextEncoderConfig,
  parseUnetConfig,
  parseVaeConfig,
} from '../../../inference/checkpoint/parse-model-configuration.ts';
import type { Weights } from '../../../inference/checkpoint/weights.ts';
import { WeightsMismatchError } from '../../../inference/graph/bind-weights.ts';
import { buildTextEncoder } from '../../../inference/models/clip.ts';
import { buildUnet } from '../../../inference/models/unet/unet.ts';
import { buildVaeDecoder, buildVaeEncoder } from '../../../inference/models/vae/vae.ts';
import { sizeOf } from '../../../inference/tensor.ts';

// The real SDXL's names and shapes against our modules, which are strict: nothing may be missing or left over.

const keys = join(import.meta.dirname, '../../fixtures/golden/keys');
const read = async (name: string) => JSON.parse(await readFile(join(keys, name), 'utf8'));
const configs = await read('configs.json');
const cpu = { provider: 'cpu', threads: 1 } as const;

async function weightsOf(name: string): Promise<Weights> {
  const shapes: Record<string, number[]> = await read(`diffusers.${name}.json`);
  const stored = Object.entries(shapes).map(([key, shape]) => {
    const tensor = {
      file: '/sdxl.safetensors',
      offset: 0,
      byteLength: 2 * sizeOf(shape),
      dtype: 'F16',
      shape,
    } as const;
    return [key, tensor] as const;
  });
  return new Map(stored);
}

const builders = {
  unet: (weights: Weights) => buildUnet(parseUnetConfig(configs.unet, 'unet'), weights, cpu),
  refiner_unet: (weights: Weights) => buildUnet(parseUnetConfig(configs.refiner_unet, 'refiner_unet'), weights, cpu),
  text_encoder: (weights: Weights) =>
    buildTextEncoder(parseTextEncoderConfig(configs.text_encoder, 'text_encoder'), weights, cpu),
  text_encoder_2: (weights: Weights) =>
    buildTextEncoder(parseTextEncoderConfig(configs.text_encoder_2, 'text_encoder_2'), weights, cpu),
};

test.each(Object.keys(builders) as (keyof typeof builders)[])('%s of SDXL 1.0: every name and shape', async (name) => {
  const weights = await weightsOf(name);
  const parameters = [...weights.values()].reduce((total, { shape }) => total + sizeOf(shape), 0);
  expect(parameters).toBe(configs.params[name]);
  const { bytes } = builders[name](weights);
  // Only where the weights lie is in the graph, not the weights.
  expect(bytes.length).toBeLessThan(5_000_000);
});

test('vae of SDXL 1.0: every name and shape, for encoder and decoder', async () => {
  const weights = await weightsOf('vae');
  const config = parseVaeConfig(configs.vae, 'vae');
  expect(buildVaeDecoder(config, weights, cpu).outputs).toEqual(['image']);
  expect(buildVaeEncoder(config, weights, cpu).outputs).toEqual(['moments']);
});

test('weights of another model are refused by name', async () => {
  const weights = await weightsOf('refiner_unet');
  expect(() => builders.unet(weights)).toThrow(WeightsMismatchError);
  expect(() => builders.unet(weights)).toThrow(
    /UNet.*wrong shape: conv_in\.weight is \[384,4,3,3\], not \[320,4,3,3\]/s,
  );
});
