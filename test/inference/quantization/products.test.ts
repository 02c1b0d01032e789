import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeSafetensors, readSafetensorsHeader } from '../../../inference/checkpoint/safetensors.ts';
import type { Activation } from '../../../inference/graph/graph.ts';
import { readQuantized, writeQuantized } from '../../../inference/quantization/file.ts';
import { distance, evaluate, scrambled } from '../graph/evaluate.ts';

// The products of 8-bit integers against the same in float32.

const folder = await mkdtemp(join(tmpdir(), 'easel-products-'));
const weights = {
  linear: scrambled([5, 6], 1),
  kernel: scrambled([4, 6, 3, 3], 2),
  pointwise: scrambled([4, 6, 1, 1], 3),
};
await writeFile(join(folder, 'exact.safetensors'), encodeSafetensors(weights));
const { tensors } = await readSafetensorsHeader(join(folder, 'exact.safetensors'));
await writeQuantized(tensors, join(folder, 'rounded.safetensors'));
const quantized = await readQuantized(join(folder, 'rounded.safetensors'));

function integersOf(name: keyof typeof weights, { graph }: Activation) {
  const { values, scales } = quantized.get(name)!;
  return { values: graph.storedAs(name, values, 'int8'), scales: graph.storedAs(`${name}#scales`, scales, 'float32') };
}

/** Both operands lie within 1.5: a step of x is 3 / 255 and one of the weight 1.5 / 127, and half of each is lost at most. */
const worst = (terms: number) => terms * (1.5 * (1.5 / 255) + 1.5 * (0.75 / 127)) * 1.01;

test.each([true, false])('a linear layer, bias %s', async (hasBias) => {
  const [x, bias] = [scrambled([7, 6]), scrambled([5], 4)];
  const exact = await evaluate([x, weights.linear, bias], (v, w, b) =>
    v.graph.lowering.linear(v, w, hasBias ? b : null),
  );
  const rounded = await evaluate([x, bias], (v, b) =>
    v.graph.lowering.quantizedLinear(v, integersOf('linear', v), hasBias ? b : null),
  );
  expect(rounded.shape).toEqual(exact.shape);
  expect(distance(rounded.data, exact.data)).toBeLessThan(worst(6));
});

describe('a convolution', () => {
  const around = (before: number, after: number) => ({ top: before, left: before, bottom: after, right: after });
  test.each([
    { weight: 'kernel', stride: 1, padding: around(1, 1), batch: 1 },
    { weight: 'kernel', stride: 2, padding: around(1, 1), batch: 2 },
    { weight: 'kernel', stride: 2, padding: around(0, 1), batch: 1 },
    { weight: 'pointwise', stride: 1, padding: around(0, 0), batch: 2 },
  ] as const)('$weight, stride $stride, $batch pictures', async ({ weight, batch, ...geometry }) => {
    const x = scrambled([batch, 6, 7, 5]);
    const bias = scrambled([4], 5);
    const exact = await evaluate([x, weights[weight], bias], (v, w, b) => v.graph.lowering.conv2d(v, w, b, geometry));
    const kernel = weights[weight].shape[3]!;
    const whole = { ...geometry, kernel, inChannels: 6, outChannels: 4 };
    const rounded = await evaluate([x, bias], (v, b) =>
      v.graph.lowering.quantizedConv2d(v, integersOf(weight, v), b, whole),
    );
    expect(rounded.shape).toEqual(exact.shape);
    expect(distance(rounded.data, exact.data)).toBeLessThan(worst(6 * kernel ** 2) / 3);
  });
});
