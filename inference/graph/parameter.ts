import { rowsOf } from '../checkpoint/rows.ts';
import type { StoredTensor } from '../checkpoint/weights.ts';
import { type QuantizedWeights, rangeName } from '../quantization/matrix.ts';
import { type AppliedAdapter, adapted, isLowRank, type LowRankBranch, lowRankBranch } from './adapters.ts';
import type { Activation, Graph, Value } from './graph.ts';
import type { QuantizedMatrix } from './lowering/lowering.ts';
import { cast, transpose } from './ops.ts';

/** What may stand beside a parameter's weight. */
export interface ParameterExtras {
  /** Changes that are added to it. */
  readonly adapters?: readonly AppliedAdapter[];
  /** Where the same weight is found in 8-bit integers, by its own name or that of a range of its rows. */
  readonly quantized?: QuantizedWeights;
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

  constructor(...shape: readonly number[]) {
    this.shape = shape;
  }

  /** Says where the weight lies. */
  bind(name: string, tensor: StoredTensor, extras: ParameterExtras = {}): void {
    this.#name = name;
    this.#tensor = tensor;
    this.#adapters = extras.adapters ?? [];
    this.#quantized = extras.quantized ?? new Map();
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
    if (x.graph.storage === 'fp32') return { weight: adapted(weight, this.#adapters), branches: [] };
    const others = this.#adapters.filter((applied) => !isLowRank(applied));
    return { weight: adapted(weight, others), branches: this.#branches(x) };
  }

  /** The same in 8-bit integers; null where the weight has none, or has an adapter that must be added to it. */
  integersBesideBranches(x: Activation): BranchedIntegers | null {
    const quantized = this.#quantized.get(this.#name);
    if (quantized === undefined || !this.#adapters.every(isLowRank)) return null;
    const integers = {
      values: x.graph.storedAs(`${this.#name}#values`, quantized.values, 'int8'),
      scales: x.graph.storedAs(`${this.#name}#scales`, quantized.scales, 'float32'),
    };
    return { integers, branches: this.#branches(x) };
  }

  /** Rows `start` up to `end` of the weight, by that range of its bytes. */
  rows(start: number, end: number): Parameter {
    const part = new Parameter(end - start, ...this.shape.slice(1));
    part.bind(rangeName(this.#name, start, end), rowsOf(this.#bound(), start, end), {
      adapters: this.#adapters.map((applied) => ({ ...applied, rows: { start, end } })),
      quantized: this.#quantized,
    });
    return part;
  }

  #branches(x: Activation): readonly LowRankBranch[] {
    return this.#adapters.filter(isLowRank).map((applied) => lowRankBranch(applied, x));
  }

  #bound(): StoredTensor {
    if (this.#tensor === null) throw new Error('A parameter was used before its weights were bound.');
    return this.#tensor;
  }
}
