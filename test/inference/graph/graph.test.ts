import { describe, expect, test } from 'vitest';
import { Graph } from '../../../inference/graph/graph.ts';
import { cpu } from '../../../inference/graph/lowering/cpu.ts';
import { add, enlargeNearest, multiply, resizeNearest } from '../../../inference/graph/ops.ts';
import { createSession } from '../../../inference/graph/session.ts';
import { evaluate } from './evaluate.ts';

const row = (...data: number[]) => ({ shape: [1, 1, 1, data.length], data: Float32Array.from(data) });

test('equal constants are stored once', () => {
  const graph = new Graph(cpu);
  expect(graph.floats([1, 2], [2]).name).toBe(graph.floats([1, 2], [2]).name);
  expect(graph.floats([1, 2], [2]).name).not.toBe(graph.floats([1, 2], [1, 2]).name);
  expect(graph.ints([1, 2]).name).toBe(graph.ints([1, 2]).name);
});

test('an operand may be used twice', async () => {
  const { data } = await evaluate([row(2, 3)], (x) => add(multiply(x, x), x));
  expect([...data]).toEqual([6, 12]);
});

test('what a module path returned is found by it, and an unknown path is named', () => {
  const graph = new Graph(cpu);
  const x = graph.input('x', 'float32', [1]);
  const sum = graph.within('down.0', () => add(x, x));
  expect(graph.traced('down.0')).toBe(sum);
  expect(() => graph.traced('down.1')).toThrow(/no module down\.1.*down\.0/);
});

test('weights are named by an absolute path', () => {
  const tensor = { file: 'weights.safetensors', offset: 0, byteLength: 4, dtype: 'F32', shape: [1] } as const;
  expect(() => new Graph(cpu).stored('w', tensor)).toThrow(/absolute path.*weights\.safetensors/);
});

describe('nearest neighbour', () => {
  test('to a size that is one less than double', async () => {
    const { data } = await evaluate([row(1, 2, 3, 4)], (x) => resizeNearest(x, x.graph.ints([1, 7])));
    expect([...data]).toEqual([1, 1, 2, 2, 3, 3, 4]);
  });

  test('by a factor', async () => {
    const { shape, data } = await evaluate([row(1, 2)], (x) => enlargeNearest(x, 2));
    expect(shape).toEqual([1, 1, 2, 4]);
    expect([...data]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });
});

describe('sessions', () => {
  const model = (() => {
    const graph = new Graph(cpu);
    const x = graph.input('x', 'float32', ['length']);
    graph.output('double', add(x, x), ['length']);
    graph.output('square', multiply(x, x), ['length']);
    return { bytes: graph.encode(), inputs: { x: 'float32' }, outputs: ['double', 'square'] } as const;
  })();
  const x = { shape: [2], data: Float32Array.of(3, 4) };

  test('compute all outputs, or those that are named', async () => {
    const session = await createSession(model, { provider: 'cpu', threads: 1 });
    const { double, square } = await session.run({ x });
    expect([...double.data, ...square.data]).toEqual([6, 8, 9, 16]);
    expect(Object.keys(await session.run({ x }, ['square']))).toEqual(['square']);
    await session.release();
  });

  test('say what is wrong with a model', async () => {
    const broken = createSession({ ...model, bytes: Uint8Array.of(1, 2, 3) }, { provider: 'cpu' });
    await expect(broken).rejects.toMatchObject({ name: 'SessionError', reason: 'failed' });
  });

  test.runIf(process.platform === 'linux')('say what a provider needs that does not work here', async () => {
    process.env.VK_ICD_FILENAMES = '/nowhere/driver.json';
    const unavailable = createSession(model, { provider: 'webgpu' });
    await expect(unavailable).rejects.toMatchObject({ reason: 'provider' });
    await expect(unavailable).rejects.toThrow(/webgpu.*Vulkan driver/);
  });

  test('say that weights have gone', async () => {
    const graph = new Graph(cpu);
    const tensor = {
      file: '/nowhere/weights.safetensors',
      offset: 0,
      byteLength: 8,
      dtype: 'F32',
      shape: [2],
    } as const;
    graph.output('y', graph.stored('w', tensor), [2]);
    const gone = createSession({ bytes: graph.encode(), inputs: {}, outputs: ['y'] }, { provider: 'cpu' });
    await expect(gone).rejects.toThrow(/nowhere\/weights\.safetensors/);
  });
});
