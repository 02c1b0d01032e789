import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../inference/checkpoint/checkpoint.ts';
import { inspectCheckpoint } from '../../inference/checkpoint/inspect.ts';
import { openCheckpoint } from '../../inference/checkpoint/open.ts';
import {
  parseTextEncoderConfig,
  parseUnetConfig,
  parseVaeConfig,
} from '../../inference/checkpoint/parse-model-configuration.ts';
import type { Weights } from '../../inference/checkpoint/weights.ts';
import { sizeOf } from '../../inference/tensor.ts';
import { writeSparseSafetensors } from '../inference/checkpoint/sparse-file.ts';
import { goldenPath } from './golden-folder.ts';

/*
 * The real SDXL base and refiner, by the names and shapes of their parameters: a sparse file stands for each, so that
 * it goes the whole way of a real checkpoint, with offsets beyond 4 GiB.
 */

type Shapes = Record<string, number[]>;
const keys = (name: string): Shapes => JSON.parse(readFileSync(goldenPath('keys', `${name}.json`), 'utf8'));
const configs = JSON.parse(readFileSync(goldenPath('keys', 'configs.json'), 'utf8'));

let folder = '';
let base: Checkpoint;
let refiner: Checkpoint;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-keys-'));
  await writeSparseSafetensors(join(folder, 'base.safetensors'), keys('base.single-file'));
  await writeSparseSafetensors(join(folder, 'refiner.safetensors'), keys('refiner.single-file'));
  base = await openCheckpoint(join(folder, 'base.safetensors'));
  refiner = await openCheckpoint(join(folder, 'refiner.safetensors'));
});
afterAll(() => rm(folder, { recursive: true }));

const parts: [string, string, () => { config: unknown; weights: Weights }][] = [
  ['diffusers.unet', 'unet', () => base.unet],
  ['diffusers.vae', 'vae', () => base.vae],
  ['diffusers.text_encoder', 'text_encoder', () => (base.kind === 'base' ? base.textEncoder : base.unet)],
  ['diffusers.text_encoder_2', 'text_encoder_2', () => base.textEncoder2],
  ['diffusers.refiner_unet', 'refiner_unet', () => refiner.unet],
  ['diffusers.vae', 'vae', () => refiner.vae],
  ['diffusers.text_encoder_2', 'text_encoder_2', () => refiner.textEncoder2],
];

describe.each(parts)('%s', (list, name, component) => {
  test('nothing is missing and nothing left, and every shape is right', () => {
    const shapes = [...component().weights].map(([key, { shape }]) => [key, shape]);
    expect(Object.fromEntries(shapes)).toEqual(keys(list));
  });

  test('has the published number of parameters', () => {
    const parameters = [...component().weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    expect(parameters).toBe(configs.params[name]);
  });

  test('has the published configuration', () => {
    const published = {
      unet: parseUnetConfig,
      refiner_unet: parseUnetConfig,
      vae: parseVaeConfig,
      text_encoder: parseTextEncoderConfig,
      text_encoder_2: parseTextEncoderConfig,
    }[name]!(configs[name], name);
    expect(effective(component().config)).toEqual(effective(published));
  });
});

test('inspect counts the same parameters', async () => {
  const inspection = await inspectCheckpoint(join(folder, 'base.safetensors'));
  expect(inspection).toMatchObject({ kind: 'base', layout: 'file', predictionType: 'epsilon' });
  expect(Object.fromEntries(inspection.parts.map((part) => [part.name, part.parameters]))).toEqual({
    unet: configs.params.unet,
    text_encoder: configs.params.text_encoder,
    text_encoder_2: configs.params.text_encoder_2,
    vae: configs.params.vae,
  });
});

/** A depth counts only on levels with attention and on the last, which gives the middle block its own. */
function effective(config: unknown): unknown {
  if (typeof config !== 'object' || config === null || !('transformerLayersPerBlock' in config)) return config;
  const { downBlockTypes, transformerLayersPerBlock } = config as {
    downBlockTypes: string[];
    transformerLayersPerBlock: number[];
  };
  return {
    ...config,
    transformerLayersPerBlock: transformerLayersPerBlock.map((depth, level) =>
      downBlockTypes[level] === 'DownBlock2D' && level < downBlockTypes.length - 1 ? 0 : depth,
    ),
  };
}
