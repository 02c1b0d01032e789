import { describe, expect, test } from 'vitest';
import { Graph } from '../../../inference/graph/graph.ts';
import { loweringFor } from '../../../inference/graph/lowering/index.ts';
import { shapeOf } from '../../../inference/graph/ops.ts';
import type { Tensor } from '../../../inference/tensor.ts';
import { distance, evaluate, scrambled } from './evaluate.ts';

// Every operation that lowerings choose kernels for, against its definition in plain arithmetic.

const LIMIT = 1e-5;
const at = (tensor: Tensor, index: number) => tensor.data[index]!;

/** The error function by its Taylor series, which is exact enough for |x| < 3. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

describe('activations', () => {
  const x = scrambled([3, 7]);
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
  test.each([
    ['silu', (v: number) => v * sigmoid(v)],
    ['quickGelu', (v: number) => v * sigmoid(1.702 * v)],
    ['gelu', (v: number) => (v * (1 + erf(v / Math.SQRT2))) / 2],
  ] as const)('%s', async (name, definition) => {
    const result = await evaluate([x], (value) => value.graph.lowering[name](value));
    expect(distance(result.data, Array.from(x.data, definition))).toBeLessThan(LIMIT);
  });
});

test.each([true, false])('linear, bias %s', async (hasBias) => {
  const [rows, inputs, outputs] = [5, 7, 3];
  const [x, weight, bias] = [scrambled([rows, inputs]), scrambled([outputs, inputs], 1), scrambled([outputs], 2)];
  const result = await evaluate([x, weight, bias], (v, w, b) => v.graph.lowering.linear(v, w, hasBias ? b : null));
  const expected = Array.from({ length: rows * outputs }, (_, index) => {
    const [row, output] = [Math.floor(index / outputs), index % outputs];
    let sum = hasBias ? at(bias, output) : 0;
    for (let i = 0; i < inputs; i++) sum += at(x, row * inputs + i) * at(weight, output * inputs + i);
    return sum;
  });
  expect(result.shape).toEqual([rows, outputs]);
  expect(distance(result.data, expected)).toBeLessThan(LIMIT);
});

test.each([
  { stride: 1, padding: { top: 1, left: 1, bottom: 1, right: 1 } },
  { stride: 2, padding: { top: 1, left: 1, bottom: 1, right: 1 } },
  { stride: 2, padding: { top: 0, left: 0, bottom: 1, right: 1 } },
])('conv2d, $stride $padding', async (geometry) => {
  const [channels, outputs, height, width, kernel] = [3, 2, 6, 5, 3];
  const x = scrambled([1, channels, height, width]);
  const [weight, bias] = [scrambled([outputs, channels, kernel, kernel], 1), scrambled([outputs], 2)];
  const result = await evaluate([x, weight, bias], (v, w, b) => v.graph.lowering.conv2d(v, w, b, geometry));
  const { stride, padding } = geometry;
  const outHeight = Math.floor((height + padding.top + padding.bottom - kernel) / stride) + 1;
  const outWidth = Math.floor((width + padding.left + padding.right - kernel) / stride) + 1;
  const expected: number[] = [];
  for (let o = 0; o < outputs; o++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        let sum = at(bias, o);
        for (let c = 0; c < channels; c++) {
          for (let i = 0; i < kernel * kernel; i++) {
            const y = row * stride - padding.top + Math.floor(i / kernel);
            const z = column * stride - padding.left + (i % kernel);
            if (y < 0 || y >= height || z < 0 || z >= width) continue;
            sum += at(x, (c * height + y) * width + z) * at(weight, (o * channels + c) * kernel * kernel + i);
          }
        }
        expected.push(sum);
      }
    }
  }
  expect(result.shape).toEqual([1, outputs, outHeight, outWidth]);
  expect(distance(result.data, expected)).toBeLessThan(LIMIT);
});

test.each([1, 2, 6])('groupNorm of %i groups', async (groups) => {
  const [batch, channels, pixels] = [2, 6, 20];
  const x = scrambled([batch, channels, 4, 5]);
  const [weight, bias] = [scrambled([channels], 1), scrambled([channels], 2)];
  const epsilon = 1e-3;
  const result = await evaluate([x, weight, bias], (v, w, b) =>
    v.graph.lowering.groupNorm(v, w, b, { groups, epsilon }),
  );
  const size = (channels / groups) * pixels;
  const expected = Array.from(x.data, (value, index) => {
    const start = Math.floor(index / size) * size;
    const group = x.data.subarray(start, start + size);
    const mean = group.reduce((sum, v) => sum + v, 0) / size;
    const variance = group.reduce((sum, v) => sum + (v - mean) ** 2, 0) / size;
    const channel = Math.floor(index / pixels) % channels;
    return ((value - mean) / Math.sqrt(variance + epsilon)) * at(weight, channel) + at(bias, channel);
  });
  expect(result.shape).toEqual(x.shape);
  expect(distance(result.data, expected)).toBeLessThan(LIMIT);
});

test.each([
  { causal: null, tokens: 5, context: 3 },
  { causal: { length: 4 }, tokens: 4, context: 4 },
])('attention of $tokens tokens to $context, causal $causal', async ({ causal, tokens, context }) => {
  const [batch, heads, size] = [2, 2, 4];
  const width = heads * size;
  const query = scrambled([batch * tokens, width]);
  const [key, value] = [scrambled([batch * context, width], 1), scrambled([batch * context, width], 2)];
  const anchor = scrambled([batch, 1]);
  const result = await evaluate([query, key, value, anchor], (q, k, v, a) =>
    q.graph.lowering.attention(q, k, v, { heads, width, batch: shapeOf(a, 0, 1), causal }),
  );
  const expected: number[] = [];
  for (let row = 0; row < batch * tokens; row++) {
    const [sample, token] = [Math.floor(row / tokens), row % tokens];
    for (let column = 0; column < width; column++) {
      const start = Math.floor(column / size) * size;
      const visible = causal ? token + 1 : context;
      const scores = Array.from({ length: visible }, (_, j) => {
        let dot = 0;
        for (let i = start; i < start + size; i++) {
          dot += at(query, row * width + i) * at(key, (sample * context + j) * width + i);
        }
        return Math.exp(dot / Math.sqrt(size));
      });
      const total = scores.reduce((sum, score) => sum + score, 0);
      expected.push(
        scores.reduce((sum, score, j) => sum + (score / total) * at(value, (sample * context + j) * width + column), 0),
      );
    }
  }
  expect(result.shape).toEqual([batch * tokens, width]);
  expect(distance(result.data, expected)).toBeLessThan(LIMIT);
});

test('GPUs compute in float16, CPUs in float32', () => {
  expect((['cpu', 'cuda', 'webgpu'] as const).map((provider) => new Graph(loweringFor(provider)).precision)).toEqual([
    'float32',
    'float16',
    'float16',
  ]);
});
