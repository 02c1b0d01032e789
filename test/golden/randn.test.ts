import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../inference/checkpoint/safetensors.ts';
import { MersenneTwister } from '../../inference/sampling/mersenne-twister.ts';
import { TorchGenerator } from '../../inference/sampling/noise.ts';
import type { Tensor } from '../../inference/tensor.ts';
import { goldenPath } from './golden-folder.ts';

const FLOAT32_LIMIT = 2e-6;

const path = goldenPath('torch_randn.safetensors');
const { tensors } = decodeSafetensors(await readFile(path), path);

function expectNear(actual: Float32Array, expected: Float32Array, limit = FLOAT32_LIMIT): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (const [i, value] of expected.entries()) worst = Math.max(worst, Math.abs(value - (actual[i] ?? Number.NaN)));
  expect(worst).toBeLessThanOrEqual(limit);
}

const names = [...tensors.keys()];
const seedOf = (name: string): number => Number(/^seed(\d+)\//.exec(name)?.[1]);
const seeds = [...new Set(names.filter((name) => name.startsWith('seed')).map(seedOf))];

describe('torch.randn', () => {
  it('has fixtures of every kind', () => {
    for (const kind of [/\/u32$/, /\/\d+$/, /\/seq\d/, /\/half_/, /\/\d+x\d/, /^list/]) {
      expect(names.filter((name) => kind.test(name)).length).toBeGreaterThan(0);
    }
  });

  describe.each(names.filter((name) => /^seed\d+\/[\dx]+$/.test(name)))('%s', (name) => {
    it('equals a fresh generator', () => {
      const expected = tensors.get(name) as Tensor;
      const actual = new TorchGenerator(seedOf(name)).randn(expected.shape);
      expect(actual.shape).toEqual(expected.shape);
      expectNear(actual.data, expected.data);
    });
  });

  it.each(names.filter((name) => name.includes('/half_')))('%s, within one unit of float16', (name) => {
    const expected = tensors.get(name) as Tensor;
    const actual = new TorchGenerator(seedOf(name)).randnHalf(expected.shape);
    // A float32 that lies within the approximation's error of a rounding boundary may round either way.
    for (const [i, value] of expected.data.entries()) {
      const difference = Math.abs(value - (actual.data[i] ?? Number.NaN));
      expect(difference).toBeLessThanOrEqual(2 ** (Math.floor(Math.log2(Math.abs(value))) - 10));
    }
    const equal = expected.data.filter((value, i) => value === actual.data[i]).length;
    expect(equal).toBeGreaterThanOrEqual(expected.data.length * 0.98);
  });

  it.each(seeds)('seed %d: consecutive draws share the generator and its waiting normal', (seed) => {
    const generator = new TorchGenerator(seed);
    const sequence = names
      .filter((name) => name.startsWith(`seed${seed}/seq`))
      .map((name) => ({ name, index: Number(/seq(\d+)_/.exec(name)?.[1]) }))
      .sort((a, b) => a.index - b.index);
    expect(sequence.length).toBeGreaterThan(0);
    for (const { name } of sequence) {
      const expected = tensors.get(name) as Tensor;
      expectNear(generator.randn(expected.shape).data, expected.data);
    }
  });

  it.each(seeds)('seed %d: the first word', (seed) => {
    expect(Math.fround(new MersenneTwister(seed).nextWord())).toBe(tensors.get(`seed${seed}/u32`)?.data[0]);
  });

  it.each(names.filter((name) => name.startsWith('list_')))('%s: a generator for each row', (name) => {
    const expected = tensors.get(name) as Tensor;
    const rows = (/^list_([\d_]+)\//.exec(name)?.[1] ?? '').split('_').map(Number);
    const [, ...shape] = expected.shape;
    expect(rows.length).toBe(expected.shape[0]);
    const actual = rows.flatMap((seed) => [...new TorchGenerator(seed).randn([1, ...shape]).data]);
    expectNear(Float32Array.from(actual), expected.data);
  });
});
