import type { Provider } from '../../../commands/engine.ts';
import { type Activation, Graph, type Storage } from '../../../inference/graph/graph.ts';
import { loweringFor } from '../../../inference/graph/lowering/index.ts';
import { createSession } from '../../../inference/graph/session.ts';
import { sizeOf, type Tensor } from '../../../inference/tensor.ts';

/** Builds a graph of the given operands, runs it in ONNX Runtime, and returns its one result. */
export async function evaluate(
  operands: readonly Tensor[],
  build: (...values: Activation[]) => Activation,
  options: { readonly provider?: Provider; readonly storage?: Storage } = {},
): Promise<Tensor> {
  const { provider = 'cpu', storage = 'fp32' } = options;
  const graph = new Graph(loweringFor(provider), { precision: 'float32', storage });
  const values = operands.map(({ shape }, i) => graph.input(`x${i}`, 'float32', shape));
  graph.output('result', build(...values), []);
  const inputs = Object.fromEntries(operands.map((_, i) => [`x${i}`, 'float32' as const]));
  const session = await createSession({ bytes: graph.encode(), inputs, outputs: ['result'] }, { provider });
  try {
    const { result } = await session.run(Object.fromEntries(operands.map((operand, i) => [`x${i}`, operand])));
    return result;
  } finally {
    await session.release();
  }
}

/** Numbers between -1.5 and 1.5 without a pattern, the same at every run. */
export function scrambled(shape: readonly number[], seed = 0): Tensor {
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => 1.5 * Math.sin(12.9898 * i + 78.233 * seed + i * i),
  );
  return { shape, data };
}

/** The largest absolute difference. */
export function distance(actual: Float32Array, expected: ArrayLike<number>): number {
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
}
