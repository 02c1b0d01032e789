import { expect, test } from 'vitest';
import { fastest, gainOf, isFullSize, isOpen, type ProductSpeeds } from '../../../inference/quantization/choice.ts';

const speeds = (linear: number, convolution: number, isExact = true): ProductSpeeds => ({
  linear: { float32: 1, int8: 1 / linear },
  convolution: { float32: 1, int8: 1 / convolution },
  isExact,
});
const unetOf = (parameters: number) =>
  new Map([
    ['weight', { file: '/model', offset: 0, byteLength: 2 * parameters, dtype: 'F16', shape: [parameters] } as const],
  ]);

test('the gain is that of the layers together, as SDXL has them', () => {
  expect(gainOf('float32', speeds(8, 4))).toBe(1);
  expect(gainOf('int8', speeds(4, 4))).toBeCloseTo(4);
  // 1128 + 406 units of work, of which the first are twice as fast.
  expect(gainOf('int8-linear', speeds(2, 0.3))).toBeCloseTo(1534 / (564 + 406));
});

test.each([
  ['both kinds of layer gain (AMX)', speeds(8, 9), 'int8'],
  ['convolutions lose (AVX-512)', speeds(2.35, 0.3), 'int8-linear'],
  ['nothing gains enough', speeds(1.1, 1.1), 'float32'],
  ['sums are cut at 16 bits (AVX2 without VNNI)', speeds(3, 3, false), 'float32'],
] as const)('where %s', (_, measured, expected) => {
  expect(fastest(measured)).toBe(expected);
});

test('only an open question on a CPU is measured', () => {
  expect([isOpen('auto', 'cpu'), isOpen('auto', 'webgpu'), isOpen('int8', 'cpu')]).toEqual([true, false, false]);
});

test('SDXL and its refiner are full-size, the miniature is not', () => {
  expect([2.57e9, 2.3e9, 16.5e6].map((parameters) => isFullSize(unetOf(parameters)))).toEqual([true, true, false]);
});
