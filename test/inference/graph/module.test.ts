import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeSafetensors, readSafetensorsHeader } from '../../../inference/checkpoint/safetensors.ts';
import type { Dtype, StoredTensor, Weights } from '../../../inference/checkpoint/weights.ts';
import { bindWeights, WeightsMismatchError } from '../../../inference/graph/bind-weights.ts';
import type { Activation } from '../../../inference/graph/graph.ts';
import { Linear } from '../../../inference/graph/layers.ts';
import { Identity, Module } from '../../../inference/graph/module.ts';
import type { Tensor } from '../../../inference/tensor.ts';
import { distance, evaluate, scrambled } from './evaluate.ts';

class Pair extends Module {
  readonly layers: readonly [Linear, Identity, Linear] = [
    new Linear(4, 6),
    new Identity(),
    new Linear(6, 2, { bias: false }),
  ];

  protected forward(x: Activation): Activation {
    return this.layers.reduce((value, layer) => layer.call(value), x);
  }
}

const tensors = {
  'layers.0.weight': scrambled([6, 4], 1),
  'layers.0.bias': scrambled([6], 2),
  'layers.2.weight': scrambled([2, 6], 3),
};

async function save(bytes: Uint8Array): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'easel-module-')), 'weights.safetensors');
  await writeFile(file, bytes);
  return file;
}

async function stored(values: Readonly<Record<string, Tensor>>): Promise<Weights> {
  return (await readSafetensorsHeader(await save(encodeSafetensors(values)))).tensors;
}

/** x [M, in] times the transpose of weight [out, in]. */
function product(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [rows, inputs, outputs] = [x.shape[0]!, x.shape[1]!, weight.shape[0]!];
  const data = Float32Array.from({ length: rows * outputs }, (_, index) => {
    const [row, output] = [Math.floor(index / outputs), index % outputs];
    let sum = bias?.data[output] ?? 0;
    for (let i = 0; i < inputs; i++) sum += x.data[row * inputs + i]! * weight.data[output * inputs + i]!;
    return sum;
  });
  return { shape: [rows, outputs], data };
}

const x = scrambled([3, 4]);
const hidden = product(x, tensors['layers.0.weight'], tensors['layers.0.bias']);
const expected = product(hidden, tensors['layers.2.weight']);

test("a parameter's name is its path in the tree of modules", async () => {
  const module = bindWeights(new Pair(), await stored(tensors), 'pair');
  const result = await evaluate([x], (value) => module.call(value));
  expect(distance(result.data, expected.data)).toBeLessThan(1e-5);
});

test('one error lists every tensor that is missing, misshaped or left over', async () => {
  const { 'layers.0.bias': _missing, ...rest } = tensors;
  const weights = await stored({ ...rest, 'layers.2.weight': scrambled([6, 2]), 'layers.9.weight': scrambled([1]) });
  const error = (() => {
    try {
      bindWeights(new Pair(), weights, 'pair');
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(WeightsMismatchError);
  expect(error).toMatchObject({
    missing: ['layers.0.bias'],
    misshaped: ['layers.2.weight is [6,2], not [2,6]'],
    unused: ['layers.9.weight'],
  });
  expect((error as Error).message).toMatch(
    /^3 tensors do not fit the pair \(.*layers\.2\.weight.*layers\.0\.bias.*layers\.9\.weight\): .*another kind/,
  );
});

test('what is left over and does not matter is passed over, and of hundreds three are named', async () => {
  const more = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`extra.${index}`, scrambled([1])]));
  const weights = await stored({ ...tensors, ...more });
  expect(() => bindWeights(new Pair(), weights, 'pair', {}, () => false)).not.toThrow();
  expect(() => bindWeights(new Pair(), weights, 'pair')).toThrow(/ and 197 more\)/);
  const scaled = await stored({ ...tensors, 'layers.0.scale_weight': scrambled([1]) });
  expect(() => bindWeights(new Pair(), scaled, 'pair')).toThrow(/scaled float8; get the model in float16/);
});

test('rows of a linear layer are a range of its outputs', async () => {
  const module = bindWeights(new Pair(), await stored(tensors), 'pair');
  const result = await evaluate([x], (value) => module.layers[0].callRows(value, 2, 5));
  const columns = hidden.data.filter((_, i) => i % 6 >= 2 && i % 6 < 5);
  expect(result.shape).toEqual([3, 3]);
  expect(distance(result.data, columns)).toBeLessThan(1e-5);
});

test('a weight that is stored transposed means the same', async () => {
  const weight = tensors['layers.0.weight'];
  const flipped = Float32Array.from({ length: 24 }, (_, i) => weight.data[(i % 6) * 4 + Math.floor(i / 6)]!);
  const weights = new Map(await stored({ ...tensors, 'layers.0.weight': { shape: [4, 6], data: flipped } }));
  weights.set('layers.0.weight', { ...weights.get('layers.0.weight')!, transposed: true });
  const module = bindWeights(new Pair(), weights, 'pair');
  const result = await evaluate([x], (value) => module.call(value));
  expect(distance(result.data, expected.data)).toBeLessThan(1e-5);
});

/** 1, -2, 0.5 and 4 in every floating-point type that checkpoints use, at an offset that no alignment helps. */
const encodings: readonly (readonly [Dtype, readonly number[]])[] = [
  ['F16', [0x3c00, 0xc000, 0x3800, 0x4400].flatMap((half) => [half & 0xff, half >> 8])],
  ['BF16', [0x3f80, 0xc000, 0x3f00, 0x4080].flatMap((half) => [half & 0xff, half >> 8])],
  ['F8_E4M3', [0x38, 0xc0, 0x30, 0x48]],
  ['F8_E5M2', [0x3c, 0xc0, 0x38, 0x44]],
];

test.each(
  encodings.flatMap(([dtype, bytes]) => (['fp32', 'stored'] as const).map((storage) => ({ dtype, bytes, storage }))),
)('$dtype weights, held as $storage', async ({ dtype, bytes, storage }) => {
  const file = await save(Uint8Array.from([0xff, 0xff, 0xff, ...bytes]));
  const weight: StoredTensor = { file, offset: 3, byteLength: bytes.length, dtype, shape: [2, 2] };
  const linear = bindWeights(new Linear(2, 2, { bias: false }), new Map([['weight', weight]]), 'linear');
  const result = await evaluate([{ shape: [1, 2], data: Float32Array.of(1, 10) }], (value) => linear.call(value), {
    storage,
  });
  expect([...result.data]).toEqual([1 - 20, 0.5 + 40]);
});

test('an adapter for a module that is not there is an error', async () => {
  const weights = await stored(tensors);
  const [up, down] = [weights.get('layers.0.weight')!, weights.get('layers.2.weight')!];
  const adapter = { kind: 'lora', component: 'unet', module: 'layers.7', shape: [6, 6], scale: 1, up, down } as const;
  const applied = [{ adapter, strength: 1 }];
  expect(() => bindWeights(new Pair(), weights, 'pair', { adapters: applied })).toThrow(/layers\.7.*pair/);
});
