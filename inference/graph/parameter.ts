import type { LowRankAdapter } from '../checkpoint/adapter.ts';
import { rowsOf } from '../checkpoint/rows.ts';
import type { StoredTensor } from '../checkpoint/weights.ts';
import { type QuantizedWeights, rangeName } from '../quantization/matrix.ts';
import {
  type AppliedAdapter,
  adapted,
  isLowRank,
  type LowRankBranch,
  lowRankBranch,
  type RowRange,
} from './adapters.ts';
import type { Activation, Graph, Value } from './graph.ts';
import type { QuantizedMatrix } from './lowering/lowering.ts';
import { type OpenBranch, openBranch } from './open-branch.ts';
import { cast, transpose } from './ops.ts';

/** What may stand beside a parameter's weight. */
export interface ParameterExtras {
  /** Changes that are added to it. */
  readonly adapters?: readonly AppliedAdapter[];
  /** Where the same weight is found in 8-bit integers, by its own name or that of a range of its rows. */
  readonly quantized?: QuantizedWeights;
  /** One more branch to run beside the layer, whose factors come with each run. */
  readonly branch?: OpenBranch;
  /** The part of that branch's outputs that is meant, where it is not all of them. */
  readonly rows?: RowRange;
}

/** A weight for an operand, with the low-rank branches that are to run beside its layer. */
export interface BranchedWeight {
  readonly weight: Activation;
  readonly branches: readonly LowRankBranch[];
}

/** The same, the weight in 8-bit integers. */
export interface BranchedIntegers {
  readonly integers: QuantizedMatrix;
  readonly branches: readonly LowRankBranch[];
}

/** A weight that a module needs. Its name in the checkpoint is its place in the tree of modules. */
export class Parameter {
  readonly shape: readonly number[];
  #name = '';
  #tensor: StoredTensor | null = null;
  #adapters: readonly AppliedAdapter[] = [];
  #quantized: QuantizedWeights = new Map();
  #branch: OpenBranch | undefined;
  #rows: RowRange | undefined;

  constructor(...shape: readonly number[]) {
    this.shape = shape;
  }

  /** Says where the weight lies. */
  bind(name: string, tensor: StoredTensor, extras: ParameterExtras = {}): void {
    this.#name = name;
    this.#tensor = tensor;
    this.#adapters = extras.adapters ?? [];
    this.#quantized = extras.quantized ?? new Map();
    this.#branch = extras.branch;
    this.#rows = extras.rows;
  }

  get isAdapted(): boolean {
    return this.#adapters.length > 0;
  }

  /** The checkpoint's weight as a value of the graph, in the type it is stored in. */
  stored(graph: Graph): Value {
    const tensor = this.#bound();
    const value = graph.stored(this.#name, tensor);
    return tensor.transposed ? transpose(value, [1, 0]) : value;
  }

  /** The weight, adapters included, as a value of the graph in the type of the activations it meets. */
  as(type: Activation['type'], graph: Graph): Activation {
    return adapted(cast(this.stored(graph), type), this.#adapters);
  }

  /**
   * The weight for an operand, and apart from it the low-rank branches to run beside the layer. Where weights are
   * constants, adapters are added to them instead and cost nothing more.
   */
  besideBranches(x: Activation): BranchedWeight {
    const weight = cast(this.stored(x.graph), x.type);
    const [beside, within] =
      x.graph.storage === 'fp32'
        ? [[], this.#adapters]
        : [this.#adapters.filter(isLowRank), this.#adapters.filter((applied) => !isLowRank(applied))];
    return { weight: adapted(weight, within), branches: this.#branches(x, beside) };
  }

  /** The same in 8-bit integers; null where the weight has none, or has an adapter that must be added to it. */
  integersBesideBranches(x: Activation): BranchedIntegers | null {
    const quantized = this.#quantized.get(this.#name);
    if (quantized === undefined) return null;
    const beside = this.#adapters.filter(isLowRank);
    if (beside.length < this.#adapters.length) return null;
    const integers = {
      values: x.graph.storedAs(`${this.#name}#values`, quantized.values, 'int8'),
      scales: x.graph.storedAs(`${this.#name}#scales`, quantized.scales, 'float32'),
    };
    return { integers, branches: this.#branches(x, beside) };
  }

  /** Rows `start` up to `end` of the weight, by that range of its bytes. */
  rows(start: number, end: number): Parameter {
    const part = new Parameter(end - start, ...this.shape.slice(1));
    part.bind(rangeName(this.#name, start, end), rowsOf(this.#bound(), start, end), {
      adapters: this.#adapters.map((applied) => ({ ...applied, rows: { start, end } })),
      quantized: this.#quantized,
      ...(this.#branch && { branch: this.#branch, rows: { start, end } }),
    });
    return part;
  }

  #branches(x: Activation, beside: readonly AppliedAdapter<LowRankAdapter>[]): readonly LowRankBranch[] {
    const closed = beside.map((applied) => lowRankBranch(applied, x));
    return this.#branch === undefined ? closed : [...closed, openBranch(this.#branch, x, this.#rows)];
  }

  #bound(): StoredTensor {
    if (this.#tensor === null) throw new Error('A parameter was used before its weights were bound.');
    return this.#tensor;
  }
}
