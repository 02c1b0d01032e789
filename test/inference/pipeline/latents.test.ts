import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { openCheckpoint } from '../../../inference/checkpoint/open.ts';
import { decodePicture } from '../../../inference/image/decode.ts';
import { decodeLatent, encodePicture, LATENT_FACTOR, TILE } from '../../../inference/pipeline/latents.ts';
import { createNetworks, type Networks } from '../../../inference/pipeline/networks.ts';
import { sizeOf, type Tensor } from '../../../inference/tensor.ts';
import { goldenPath } from '../../golden/golden-folder.ts';
import { miniature } from '../engine/receiver.ts';

/** Against the whole at once: in the picture, and in the latent relative to its range of about 10. */
const LEAST_PSNR = 50;
/** Half as long as those that pictures are drawn in, whose whole takes the memory and the time of a large picture. */
const tile = { ...TILE, side: 64 };

const whole = createNetworks(await openCheckpoint(miniature.base), { provider: 'cpu', threads: 1 });
afterAll(() => whole.release());

function psnr(actual: Tensor, expected: Tensor, range: number): number {
  expect(actual.shape).toEqual(expected.shape);
  const squares = actual.data.reduce((sum, value, i) => sum + (value - expected.data[i]!) ** 2, 0);
  return 10 * Math.log10((range ** 2 * actual.data.length) / squares);
}

const zeros = (shape: readonly number[]): Tensor => ({ shape, data: new Float32Array(sizeOf(shape)) });

it('takes a large picture through the autoencoder in tiles, about as at once', async () => {
  const seen: number[] = [];
  const inTiles: Networks = {
    ...whole,
    decode: (latent) => {
      seen.push(sizeOf(latent.shape.slice(2)));
      return whole.decode(latent);
    },
    encode: (picture) => {
      seen.push(sizeOf(picture.shape.slice(2)) / 64);
      return whole.encode(picture);
    },
  };
  const picture = await decodePicture(readFileSync(goldenPath('mini/fox_wide.png')), { width: 640, height: 448 });
  const { scalingFactor } = whole.checkpoint.vae.config;

  const latent = await encodePicture(inTiles, picture, zeros, tile);
  const symmetric = { shape: picture.shape, data: picture.data.map((value) => value * 2 - 1) };
  const { data } = await whole.encode(symmetric);
  const wholeLatent = { shape: latent.shape, data: data.slice(0, data.length / 2).map((mean) => mean * scalingFactor) };
  expect(psnr(latent, wholeLatent, 10 * scalingFactor)).toBeGreaterThan(LEAST_PSNR);

  const decoded = await decodeLatent(inTiles, latent, tile);
  const unscaled = { shape: latent.shape, data: latent.data.map((value) => value / scalingFactor) };
  const wholePicture = await whole.decode(unscaled);
  const bounded = wholePicture.data.map((value) => Math.min(Math.max(value / 2 + 0.5, 0), 1));
  expect(psnr(decoded, { shape: decoded.shape, data: bounded }, 1)).toBeGreaterThan(LEAST_PSNR);

  expect(seen.length).toBe(4);
  expect(Math.max(...seen)).toBeLessThanOrEqual(tile.side ** 2);
});

it('lets the autoencoder see a megapixel at once, and no more', () => {
  expect(TILE.side * LATENT_FACTOR).toBe(1024);
});
