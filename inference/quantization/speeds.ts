import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, readSafetensorsHeader } from '../checkpoint/safetensors.ts';
import type { Weights } from '../checkpoint/weights.ts';
import { bindWeights } from '../graph/bind-weights.ts';
import type { Activation } from '../graph/graph.ts';
import { Conv2d, Linear } from '../graph/layers.ts';
import type { Module } from '../graph/module.ts';
import { createSession } from '../graph/session.ts';
import { buildModel } from '../models/model.ts';
import { sizeOf, type Tensor } from '../tensor.ts';
import type { ProductSpeeds } from './choice.ts';
import { readQuantized, writeQuantized } from './file.ts';
import type { QuantizedWeights } from './matrix.ts';

/** Layers as they do most of SDXL's work at 512x512, and what goes through them. */
const LAYERS = {
  linear: { make: () => new Linear(1280, 1280), input: [256, 1280], weight: [1280, 1280] },
  convolution: {
    make: () => new Conv2d(640, 640, { kernel: 3, padding: 1 }),
    input: [1, 640, 32, 32],
    weight: [640, 640, 3, 3],
  },
} as const;
type Kind = keyof typeof LAYERS;

/** The least of so many runs counts: whatever else the machine does only makes them longer. */
const RUNS = 5;

/** Measures the products that networks are made of: about a second's computing. */
export async function measureSpeeds(threads: number): Promise<ProductSpeeds> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-speeds-'));
  try {
    const linear = await measureLayer('linear', folder, threads);
    const convolution = await measureLayer('convolution', folder, threads);
    return {
      linear: linear.seconds,
      convolution: convolution.seconds,
      isExact: linear.isExact && convolution.isExact,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureLayer(
  kind: Kind,
  folder: string,
  threads: number,
): Promise<{ seconds: ProductSpeeds[Kind]; isExact: boolean }> {
  const { weight, input } = LAYERS[kind];
  const [outputs, ...inputs] = weight;
  const exactFile = join(folder, `${kind}.safetensors`);
  // Ones are the largest integers of a rounded weight, and 255 that of a rounded operand.
  await writeFile(exactFile, encodeSafetensors({ weight: filled(weight, 1), bias: filled([outputs], 0) }));
  const { tensors } = await readSafetensorsHeader(exactFile);
  const roundedFile = join(folder, `${kind}.int8`);
  await writeQuantized(new Map([...tensors].filter(([name]) => name === 'weight')), roundedFile);
  const x = filled(input, 255);
  const float32 = await timeLayer(kind, tensors, undefined, x, threads);
  const int8 = await timeLayer(kind, tensors, await readQuantized(roundedFile), x, threads);
  const operations = (2 * sizeOf(weight) * sizeOf(input)) / inputs[0] / 1e9;
  const wanted = 255 * sizeOf(inputs);
  return {
    seconds: { float32: float32.seconds / operations, int8: int8.seconds / operations },
    isExact: Math.abs(int8.largest / wanted - 1) < 1e-3,
  };
}

async function timeLayer(
  kind: Kind,
  weights: Weights,
  quantized: QuantizedWeights | undefined,
  x: Tensor,
  threads: number,
): Promise<{ seconds: number; largest: number }> {
  const layer: Module = bindWeights(LAYERS[kind].make(), weights, 'layer', { ...(quantized && { quantized }) });
  const [inputs, outputs] = [{ x: 'float32' }, ['y']] as const;
  const model = buildModel(inputs, outputs, { provider: 'cpu' }, (graph) => {
    const operand: Activation = graph.input('x', 'float32', x.shape);
    graph.output('y', layer.call(operand), []);
  });
  const session = await createSession(model, { provider: 'cpu', ...(threads > 0 && { threads }) });
  try {
    let [seconds, largest] = [Number.POSITIVE_INFINITY, 0];
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      const { y } = await session.run({ x });
      seconds = Math.min(seconds, (performance.now() - start) / 1000);
      largest = y?.data.reduce((most, value) => Math.max(most, value), 0) ?? 0;
    }
    return { seconds, largest };
  } finally {
    await session.release();
  }
}

function filled(shape: readonly number[], value: number): Tensor {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(value) };
}
