import type { Adapter, KroneckerFactor, LowRankAdapter, MatrixProduct } from '../checkpoint/adapter.ts';
import type { StoredTensor } from '../checkpoint/weights.ts';
import { sizeOf } from '../tensor.ts';
import type { Activation, Graph } from './graph.ts';
import { add, cast, matMul, multiply, reshape, scaled, slice } from './ops.ts';

/** An adapter as a person asked for it: its change of the weight is multiplied by `strength`. */
export interface AppliedAdapter<A extends Adapter = Adapter> {
  readonly adapter: A;
  readonly strength: number;
  /** The part of the layer's outputs that is meant, where it is not all of them. */
  readonly rows?: RowRange;
}

export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** The factors of a LoRA: two layers of few channels beside the layer they change, whose results are added. */
export interface LowRankBranch {
  /** [rank, in] or [rank, in, k, k] */
  readonly down: Activation;
  /** [out, rank] or [out, rank, 1, 1] */
  readonly up: Activation;
  /** Which of them have two dimensions, so that a linear layer takes them as they are. */
  readonly areMatrices: { readonly down: boolean; readonly up: boolean };
  readonly factor: number;
}

/** Whether the adapter may stand beside its layer; the other kinds need the whole change of the weight. */
export function isLowRank(applied: AppliedAdapter): applied is AppliedAdapter<LowRankAdapter> {
  return applied.adapter.kind === 'lora';
}

/** A LoRA's factors in the graph of the layer's operand, left where they lie in its file. */
export function lowRankBranch(
  { adapter, strength, rows }: AppliedAdapter<LowRankAdapter>,
  { graph, type }: Activation,
): LowRankBranch {
  const down = factorValue(adapter.down, graph, type);
  const up = selectRows(factorValue(adapter.up, graph, type), rows);
  const [isDownMatrix, isUpMatrix] = [adapter.down, adapter.up].map(({ shape }) => shape.length === 2);
  const areMatrices = { down: isDownMatrix === true, up: isUpMatrix === true };
  return { down, up, areMatrices, factor: adapter.scale * strength };
}

/**
 * The weight with all adapters' changes added, as nodes of the graph: ONNX Runtime works them out once, when the
 * session starts, where the weights are constants.
 */
export function adapted(weight: Activation, applied: readonly AppliedAdapter[]): Activation {
  return applied.reduce((sum, { adapter, strength, rows }) => {
    const change = selectRows(reshape(delta(adapter, weight), adapter.shape), rows);
    return add(sum, scaled(change, adapter.scale * strength));
  }, weight);
}

/** The change of the weight at strength and scale 1, of its size but not its shape. */
function delta(adapter: Adapter, { graph, type }: Activation): Activation {
  switch (adapter.kind) {
    case 'lora':
      return product({ left: adapter.up, right: adapter.down }, graph, type);
    case 'loha':
      return multiply(product(adapter.first, graph, type), product(adapter.second, graph, type));
    case 'lokr':
      return kronecker(adapter.first, adapter.second, graph, type);
  }
}

function product({ left, right }: MatrixProduct, graph: Graph, type: Activation['type']): Activation {
  return matMul(
    asMatrix(factorValue(left, graph, type), left.shape),
    asMatrix(factorValue(right, graph, type), right.shape),
  );
}

/** Every element of the first times the whole of the second, by broadcasting [a, 1, b, 1] with [1, c, 1, d]. */
function kronecker(
  first: KroneckerFactor,
  second: KroneckerFactor,
  graph: Graph,
  type: Activation['type'],
): Activation {
  const [a, b] = matrixShape(first);
  const [c, d] = matrixShape(second);
  const value = (factor: KroneckerFactor) =>
    'whole' in factor ? factorValue(factor.whole, graph, type) : product(factor, graph, type);
  return multiply(reshape(value(first), [a, 1, b, 1]), reshape(value(second), [1, c, 1, d]));
}

/** Rows and columns of a factor; a kernel's height and width are among the columns. */
function matrixShape(factor: KroneckerFactor): [rows: number, columns: number] {
  const [left, right] = 'whole' in factor ? [factor.whole, factor.whole] : [factor.left, factor.right];
  return [left.shape[0] ?? 1, sizeOf(right.shape.slice(1))];
}

function selectRows(value: Activation, rows?: RowRange): Activation {
  return rows === undefined ? value : slice(value, rows.start, rows.end);
}

function asMatrix(value: Activation, [rows = 1, ...rest]: readonly number[]): Activation {
  return rest.length === 1 ? value : reshape(value, [rows, sizeOf(rest)]);
}

function factorValue(tensor: StoredTensor, graph: Graph, type: Activation['type']): Activation {
  return cast(graph.stored(`${tensor.file}#${tensor.offset}`, tensor), type);
}
