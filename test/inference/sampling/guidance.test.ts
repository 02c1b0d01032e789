import fc from 'fast-check';
import { expect, it } from 'vitest';
import { guide } from '../../../inference/sampling/guidance.ts';
import type { Tensor } from '../../../inference/tensor.ts';

const values = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 8, maxLength: 8 });
const tensor = (data: readonly number[]): Tensor => ({ shape: [1, 2, 2, 2], data: Float32Array.from(data) });

function deviation(data: Float32Array): number {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (data.length - 1));
}

it('goes from the unconditional output towards the conditional one, and past it', () => {
  const [away, towards] = [tensor([0, 0, 0, 0, 1, 1, 1, 1]), tensor([1, 2, 3, 4, 1, 1, 1, 2])];
  expect([...guide(away, towards, 1, 0).data]).toEqual([...towards.data]);
  expect([...guide(away, towards, 0, 0).data]).toEqual([...away.data]);
  expect([...guide(away, towards, 5, 0).data]).toEqual([5, 10, 15, 20, 1, 1, 1, 6]);
});

it("gives the conditional output's deviation back, in full or in part", () => {
  fc.assert(
    fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, rescale) => {
      const [away, towards] = [tensor(a), tensor(b)];
      const plain = guide(away, towards, 7, 0);
      fc.pre(deviation(plain.data) > 0.01);
      const rescaled = guide(away, towards, 7, rescale);
      const expected = rescale * deviation(towards.data) + (1 - rescale) * deviation(plain.data);
      expect(Math.abs(deviation(rescaled.data) - expected)).toBeLessThan(1e-4 * (1 + expected));
    }),
  );
});
