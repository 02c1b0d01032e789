import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeSafetensors, readSafetensorsHeader, readTensor } from '../../../inference/checkpoint/safetensors.ts';
import type { Weights } from '../../../inference/checkpoint/weights.ts';
import { WeightsMismatchError } from '../../../inference/graph/bind-weights.ts';
import { createSession } from '../../../inference/graph/session.ts';
import { buildUpscaler } from '../../../inference/models/upscaler/upscaler.ts';
import { UnsupportedUpscalerError } from '../../../inference/models/upscaler/weights.ts';
import { sizeOf, type Tensor } from '../../../inference/tensor.ts';
import { distance, scrambled } from '../graph/evaluate.ts';

// The networks again in plain arithmetic, from Real-ESRGAN's definition, on pictures of a few pixels.

type Read = (name: string) => Promise<Tensor>;

const cpu = { provider: 'cpu', threads: 1 } as const;

async function upscale(weights: Weights, image: Tensor): Promise<Tensor> {
  const session = await createSession(buildUpscaler(weights, cpu).model, cpu);
  const { upscaled } = await session.run({ image });
  await session.release();
  return upscaled;
}

function map(x: Tensor, transform: (value: number, index: number) => number): Tensor {
  return { shape: x.shape, data: Float32Array.from(x.data, transform) };
}

const sum = (a: Tensor, b: Tensor) => map(a, (value, i) => value + b.data[i]!);
const leaky = (x: Tensor) => map(x, (value) => (value < 0 ? 0.2 * value : value));

function concatChannels(a: Tensor, b: Tensor): Tensor {
  const shape = [1, a.shape[1]! + b.shape[1]!, a.shape[2]!, a.shape[3]!];
  return { shape, data: Float32Array.from([...a.data, ...b.data]) };
}

/** Pixel (y, x) of channel c of the result is what `source` says of an image with the given shape. */
function image(
  channels: number,
  height: number,
  width: number,
  source: (c: number, y: number, x: number) => number,
): Tensor {
  const shape = [1, channels, height, width];
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
    source(Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width),
  );
  return { shape, data };
}

function pixel({ shape, data }: Tensor, c: number, y: number, x: number): number {
  const [, , height, width] = shape;
  return y < 0 || y >= height! || x < 0 || x >= width! ? 0 : data[(c * height! + y) * width! + x]!;
}

async function convolve(x: Tensor, read: Read, name: string): Promise<Tensor> {
  const [weight, bias] = [await read(`${name}.weight`), await read(`${name}.bias`)];
  const [outputs, inputs] = weight.shape;
  return image(outputs!, x.shape[2]!, x.shape[3]!, (o, row, column) => {
    let total = bias.data[o]!;
    for (let c = 0; c < inputs!; c++) {
      for (let k = 0; k < 9; k++) {
        const value = pixel(x, c, row + Math.floor(k / 3) - 1, column + (k % 3) - 1);
        total += value * weight.data[(o * inputs! + c) * 9 + k]!;
      }
    }
    return total;
  });
}

function enlarge(x: Tensor, n: number): Tensor {
  const [, channels, height, width] = x.shape;
  return image(channels!, n * height!, n * width!, (c, row, column) =>
    pixel(x, c, Math.floor(row / n), Math.floor(column / n)),
  );
}

const noise = (height: number, width: number) => map(scrambled([1, 3, height, width], 5), (value) => 0.5 + value / 3);

describe('SRVGGNetCompact', () => {
  const file = join(import.meta.dirname, '../../../models/upscaler/model.safetensors');

  test('the bundled upscaler enlarges four times, as its definition says', async () => {
    const { tensors } = await readSafetensorsHeader(file);
    const read: Read = (name) => readTensor(tensors.get(name)!);
    const picture = noise(5, 4);
    let x = await convolve(picture, read, 'body.0');
    for (let i = 1; tensors.has(`body.${i}.weight`); i += 2) {
      const slopes = await read(`body.${i}.weight`);
      x = map(x, (value, index) => (value < 0 ? value * slopes.data[Math.floor(index / 20)]! : value));
      x = await convolve(x, read, `body.${i + 1}`);
    }
    const shuffled = image(3, 20, 16, (c, row, column) =>
      pixel(x, c * 16 + (row % 4) * 4 + (column % 4), Math.floor(row / 4), Math.floor(column / 4)),
    );
    const result = await upscale(tensors, picture);
    expect(buildUpscaler(tensors, cpu).scale).toBe(4);
    expect(result.shape).toEqual([1, 3, 20, 16]);
    expect(distance(result.data, sum(shuffled, enlarge(picture, 4)).data)).toBeLessThan(1e-5);
  });

  test('a layer too few is an error that names it', async () => {
    const { tensors } = await readSafetensorsHeader(file);
    const { 'body.3.weight': _, ...rest } = Object.fromEntries(tensors);
    expect(() => buildUpscaler(new Map(Object.entries(rest)), cpu)).toThrow(WeightsMismatchError);
    expect(() => buildUpscaler(new Map(), cpu)).toThrow(UnsupportedUpscalerError);
  });
});

describe('RRDBNet', () => {
  const [width, growth, depth] = [4, 2, 2];

  /** Scrambled weights of a small network. */
  async function makeWeights(scale: number): Promise<Weights> {
    const shapes: [string, number, number][] = [['conv_first', 3 * (4 / scale) ** 2, width]];
    for (let block = 0; block < depth; block++) {
      for (const dense of [1, 2, 3]) {
        for (const layer of [1, 2, 3, 4, 5]) {
          const name = `body.${block}.rdb${dense}.conv${layer}`;
          shapes.push([name, width + (layer - 1) * growth, layer === 5 ? width : growth]);
        }
      }
    }
    for (const name of ['conv_body', 'conv_up1', 'conv_up2', 'conv_hr']) shapes.push([name, width, width]);
    shapes.push(['conv_last', width, 3]);
    const tensors = shapes.flatMap(([name, inputs, outputs], i) => [
      [`${name}.weight`, map(scrambled([outputs, inputs, 3, 3], i), (value) => value / (3 * inputs))] as const,
      [`${name}.bias`, scrambled([outputs], i + 0.5)] as const,
    ]);
    const file = join(await mkdtemp(join(tmpdir(), 'easel-rrdb-')), 'model.safetensors');
    await writeFile(file, encodeSafetensors(Object.fromEntries(tensors)));
    return (await readSafetensorsHeader(file)).tensors;
  }

  test.each([4, 2, 1])('enlarges %i times, as its definition says', async (scale) => {
    const weights = await makeWeights(scale);
    const read: Read = (name) => readTensor(weights.get(name)!);
    const picture = noise(8, 4);
    const fold = 4 / scale;
    const folded = image(3 * fold ** 2, 8 / fold, 4 / fold, (channel, row, column) => {
      const [c, place] = [Math.floor(channel / fold ** 2), channel % fold ** 2];
      return pixel(picture, c, row * fold + Math.floor(place / fold), column * fold + (place % fold));
    });
    const start = await convolve(folded, read, 'conv_first');
    let x = start;
    for (let block = 0; block < depth; block++) {
      const outer = x;
      for (const dense of [1, 2, 3]) {
        let features = x;
        for (const layer of [1, 2, 3, 4]) {
          features = concatChannels(
            features,
            leaky(await convolve(features, read, `body.${block}.rdb${dense}.conv${layer}`)),
          );
        }
        x = sum(
          map(await convolve(features, read, `body.${block}.rdb${dense}.conv5`), (value) => 0.2 * value),
          x,
        );
      }
      x = sum(
        map(x, (value) => 0.2 * value),
        outer,
      );
    }
    x = sum(start, await convolve(x, read, 'conv_body'));
    x = leaky(await convolve(enlarge(x, 2), read, 'conv_up1'));
    x = leaky(await convolve(enlarge(x, 2), read, 'conv_up2'));
    x = await convolve(leaky(await convolve(x, read, 'conv_hr')), read, 'conv_last');
    const result = await upscale(weights, picture);
    expect(result.shape).toEqual([1, 3, 8 * scale, 4 * scale]);
    expect(distance(result.data, x.data)).toBeLessThan(1e-4);
  });
});
