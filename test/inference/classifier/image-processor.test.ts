import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CheckpointError } from '../../../inference/checkpoint/errors.ts';
import { parseImageProcessor, preprocess } from '../../../inference/classifier/image-processor.ts';

/** Made by tools/fixtures/make-image-processors.py. */
const FOLDER = 'test/fixtures/image-processors';
const fixtureSchema = z.object({
  name: z.string(),
  config: z.unknown(),
  shape: z.array(z.number()),
  pixels: z.array(z.number()),
});
const fixtures = readdirSync(FOLDER).map((name) =>
  fixtureSchema.parse(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))),
);

const [WIDTH, HEIGHT] = [37, 26];
/** The picture that the fixtures were made of. */
const picture = {
  width: WIDTH,
  height: HEIGHT,
  data: Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, index) => {
    const pixel = Math.floor(index / 3);
    const [column, row] = [pixel % WIDTH, Math.floor(pixel / WIDTH)];
    const planes = [7 * column + 3 * row, column * row * 5, 255 * ((Math.floor(column / 4) + Math.floor(row / 3)) % 2)];
    return (planes[index % 3] ?? 0) % 256;
  }),
};

describe('what a classifier is shown equals transformers', () => {
  test.each(fixtures)('$name', ({ config, shape, pixels }) => {
    const tensor = preprocess(picture, parseImageProcessor(config, 'preprocessor_config.json'));
    expect(tensor.shape).toEqual([1, ...shape]);
    const furthest = tensor.data.reduce(
      (most, value, index) => Math.max(most, Math.abs(value - (pixels[index] ?? 0))),
      0,
    );
    expect(furthest).toBeLessThan(2e-6 * Math.max(...pixels.map(Math.abs)));
  });
});

describe('older files', () => {
  test.each([
    ['ViTFeatureExtractor', [1, 3, 8, 8]],
    ['CLIPFeatureExtractor', [1, 3, 8, 11]],
  ])('of %s mean its own by a bare number', (name, shape) => {
    const config = { feature_extractor_type: name, size: 8, do_normalize: true };
    expect(preprocess(picture, parseImageProcessor(config, 'p.json')).shape).toEqual(shape);
  });
});

test.each([
  ['a side of a million', { size: 1_000_000 }],
  ['no side', { size: { longest: 8 } }],
  ['an unknown filter', { resample: 9 }],
  ['four colours', { image_mean: [0, 0, 0, 0] }],
  ['a deviation of zero', { image_std: [1, 0, 1] }],
])('%s is refused', (_, config) => {
  expect(() => parseImageProcessor(config, 'preprocessor_config.json')).toThrow(CheckpointError);
});
