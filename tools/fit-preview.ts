import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { openCheckpoint } from '../inference/checkpoint/open.ts';
import { decodePicture } from '../inference/image/decode.ts';
import { decodeLatent, encodePicture, LATENT_FACTOR } from '../inference/pipeline/latents.ts';
import { createNetworks } from '../inference/pipeline/networks.ts';
import { solveLinear } from '../inference/sampling/linear-system.ts';
import type { PreviewMap } from '../inference/sampling/preview-maps.ts';
import { sizeOf, type Tensor } from '../inference/tensor.ts';

/*
 * Fits the linear map from a model's latents to small pictures, for `inference/sampling/preview-maps.ts`:
 *
 *     node --import ./tools/from-source.js tools/fit-preview.ts MODEL PICTURE...
 *
 * Each picture goes through the model's autoencoder and back; the map is the least squares fit of the decoded picture,
 * averaged over the pixels of each latent value. Pictures should be such as the model draws.
 */

interface Sample {
  /** The channels of one latent value, and 1 for the bias. */
  readonly inputs: readonly number[];
  /** Red, green and blue, 0 .. 1. */
  readonly colour: readonly number[];
}

const [model, ...files] = process.argv.slice(2);
if (model === undefined || files.length === 0) {
  console.error('Usage: node --import ./tools/from-source.js tools/fit-preview.ts MODEL PICTURE...');
  process.exit(2);
}

const checkpoint = await openCheckpoint(model);
const networks = createNetworks(checkpoint, { provider: 'cpu', threads: 0 });
const samples: Sample[] = [];
for (const file of files) {
  const bytes = await readFile(file);
  const { width, height } = await sharp(bytes).metadata();
  const picture = await decodePicture(bytes, { width: toMultiple(width), height: toMultiple(height) });
  const latent = await encodePicture(networks, picture, zeros);
  samples.push(...samplesOf(latent, await decodeLatent(networks, latent)));
}
await networks.release();

const fits = [0, 1, 2].map((colour) => leastSquares(samples, colour));
const map: PreviewMap = {
  scalingFactor: checkpoint.vae.config.scalingFactor,
  weights: fits.map((weights) => weights.slice(0, -1).map(rounded)),
  bias: fits.map((weights) => rounded(weights.at(-1) ?? 0)),
};
console.log(JSON.stringify(map, null, 2));
console.error(`${samples.length} values, root mean square error ${rounded(rootMeanSquare(samples, fits))} of 1`);

function toMultiple(side: number): number {
  return Math.floor(side / LATENT_FACTOR) * LATENT_FACTOR;
}

/** In place of noise: the posterior's mean. */
function zeros(shape: readonly number[]): Tensor {
  return { shape, data: new Float32Array(sizeOf(shape)) };
}

function samplesOf(latent: Tensor, picture: Tensor): Sample[] {
  const [, channels = 0, height = 0, width = 0] = latent.shape;
  const area = height * width;
  return Array.from({ length: area }, (_, place) => ({
    inputs: [...Array.from({ length: channels }, (_, channel) => latent.data[channel * area + place] ?? 0), 1],
    colour: [0, 1, 2].map((colour) => meanOfPatch(picture, colour, Math.floor(place / width), place % width)),
  }));
}

function meanOfPatch({ shape, data }: Tensor, colour: number, row: number, column: number): number {
  const [, , height = 0, width = 0] = shape;
  let sum = 0;
  for (let y = 0; y < LATENT_FACTOR; y++) {
    for (let x = 0; x < LATENT_FACTOR; x++) {
      sum += data[(colour * height + row * LATENT_FACTOR + y) * width + column * LATENT_FACTOR + x] ?? 0;
    }
  }
  return sum / LATENT_FACTOR ** 2;
}

/** Least squares by the normal equations. */
function leastSquares(samples: readonly Sample[], colour: number): number[] {
  const size = samples[0]?.inputs.length ?? 0;
  const mean = (value: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
  const indices = Array.from({ length: size }, (_, index) => index);
  return solveLinear(
    indices.map((i) => indices.map((j) => mean(({ inputs }) => (inputs[i] ?? 0) * (inputs[j] ?? 0)))),
    indices.map((i) => mean(({ inputs, colour: target }) => (inputs[i] ?? 0) * (target[colour] ?? 0))),
  );
}

function rootMeanSquare(samples: readonly Sample[], fits: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const { inputs, colour } of samples) {
    for (const [index, weights] of fits.entries()) {
      const value = weights.reduce((total, weight, k) => total + weight * (inputs[k] ?? 0), 0);
      sum += (value - (colour[index] ?? 0)) ** 2;
    }
  }
  return Math.sqrt(sum / (3 * samples.length));
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
