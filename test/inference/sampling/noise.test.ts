import { expect, it } from 'vitest';
import { TorchGenerator } from '../../../inference/sampling/noise.ts';
import { roundToHalf } from '../../../inference/sampling/rounding.ts';

it.each([
  [[1, 4, 8, 8], 3],
  [[3], 5],
  [[17], 2],
])('goes on after a skip as if it had drawn: %j x %d', (shape, draws) => {
  const drawn = new TorchGenerator(42);
  for (let i = 0; i < draws; i++) drawn.randn(shape);
  const skipped = new TorchGenerator(42);
  skipped.skip(shape, draws);
  expect(skipped.randn(shape)).toEqual(drawn.randn(shape));
});

it('takes the low 32 bits of a seed', () => {
  const shape = [20];
  expect(new TorchGenerator(2 ** 32 + 7).randn(shape)).toEqual(new TorchGenerator(7).randn(shape));
  expect(new TorchGenerator(8).randn(shape)).not.toEqual(new TorchGenerator(7).randn(shape));
});

it.each([
  [0, 0],
  [1, 1],
  [1 + 2 ** -11, 1],
  [1 + 3 * 2 ** -11, 1 + 2 ** -9],
  [-0.1, -0.0999755859375],
  [2 ** -24, 2 ** -24],
  [2 ** -25, 0],
  [65504, 65504],
  [65519, 65504],
  [65520, Number.POSITIVE_INFINITY],
])('rounds %d to the float16 %d', (value, half) => {
  expect(roundToHalf(value)).toBe(half);
});
