import { readFile } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { openCheckpoint } from '../../../inference/checkpoint/open.ts';
import { decodePicture } from '../../../inference/image/decode.ts';
import { encodePicture } from '../../../inference/pipeline/latents.ts';
import { createNetworks } from '../../../inference/pipeline/networks.ts';
import { latentToRgb } from '../../../inference/sampling/preview.ts';
import { sizeOf, type Tensor } from '../../../inference/tensor.ts';

const checkpoint = await openCheckpoint('models/mini/base');
const networks = createNetworks(checkpoint, { provider: 'cpu', threads: 1 });
afterAll(() => networks.release());

/** The mean of each 8 x 8 patch. */
function shrink({ shape, data }: Tensor): Float32Array {
  const [, , height = 0, width = 0] = shape;
  const shrunk = new Float32Array(data.length / 64);
  for (const [i, value] of data.entries()) {
    const [x, y, channel] = [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)];
    const target = (channel * (height / 8) + (y >> 3)) * (width / 8) + (x >> 3);
    shrunk[target] = (shrunk[target] ?? 0) + value / 64;
  }
  return shrunk;
}

it("the miniature's previews look like its pictures", async () => {
  const bytes = await readFile('test/fixtures/golden/mini/cat_snow.png');
  const picture = await decodePicture(bytes, { width: 256, height: 256 });
  const latent = await encodePicture(networks, picture, (shape) => ({ shape, data: new Float32Array(sizeOf(shape)) }));
  const preview = latentToRgb(latent, checkpoint.vae.config);
  expect(preview.shape).toEqual([1, 3, 32, 32]);
  const target = shrink(picture);
  const squares = target.reduce((sum, value, i) => sum + (value - (preview.data[i] ?? 0)) ** 2, 0);
  expect(Math.sqrt(squares / target.length)).toBeLessThan(0.06);
});

it("SDXL's latents, and those of an unknown autoencoder, go through SDXL's map", () => {
  const latent: Tensor = { shape: [1, 4, 1, 2], data: Float32Array.of(0, 1, 0, 0, 0, 0, 0, 0) };
  for (const scalingFactor of [0.13025, 0.5]) {
    const { data } = latentToRgb(latent, { scalingFactor });
    expect([...data].map((value) => Math.round(value * 255))).toEqual([150, 210, 140, 200, 130, 190]);
  }
});
