import type { LowRankBranch, RowRange } from './adapters.ts';
import type { Activation } from './graph.ts';
import { cast, slice } from './ops.ts';

/** A low-rank branch beside a layer whose factors come with each run, of any rank: LoRAs change without a new session. */
export interface OpenBranch {
  /** The layer's path. */
  readonly module: string;
  /** Of its weight: [out, in] or [out, in, k, k]. */
  readonly shape: readonly number[];
}

/**
 * Which layers of a network have open branches: the linear ones, or its convolutions too, which cost time even where no
 * LoRA is for them.
 */
export type OpenLayers = 'linear' | 'all';

/** A convolution with rank 0 leaves its result unwritten; a product is exactly none then, and takes next to no time. */
export function leastRank({ shape }: OpenBranch): number {
  return isMatrix(shape) ? 0 : 1;
}

export function isMatrix(shape: readonly number[]): boolean {
  return shape.length === 2;
}

/** What the inputs for a layer's factors are called: `down` is [rank, in, ...], `up` [out, rank, ...]. */
export function branchInputs(module: string): { readonly down: string; readonly up: string } {
  return { down: `${module}.down`, up: `${module}.up` };
}

/** The branch in the graph of the layer's operand. */
export function openBranch(branch: OpenBranch, { graph, type }: Activation, rows?: RowRange): LowRankBranch {
  const { module, shape } = branch;
  const [outputs = 1, ...inputs] = shape;
  const names = branchInputs(module);
  const rank = `${module}.rank`;
  graph.open(branch);
  const down = cast(graph.input(names.down, 'float32', [rank, ...inputs]), type);
  const up = cast(graph.input(names.up, 'float32', [outputs, rank, ...inputs.slice(1).map(() => 1)]), type);
  return {
    down,
    up: rows === undefined ? up : slice(up, rows.start, rows.end),
    areMatrices: { down: isMatrix(shape), up: isMatrix(shape) },
    factor: 1,
  };
}
