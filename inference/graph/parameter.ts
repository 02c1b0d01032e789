import type { StoredTensor } from '../checkpoint/weights.ts';
import type { QuantizedWeight } from '../quantization/rows.ts';
import { type AppliedAdapter, adapted, isLowRank, type LowRankBranch, lowRankBranch } from './adapters.ts';
import type { Activation, Graph, Value } from './graph.ts';
import { cast, transpose } from './ops.ts';

/** What may stand beside a parameter's weight. */
export interface ParameterExtras {
  /** Changes that are added to it. */
  readonly adapters?: readonly AppliedAdapter[];
  /** The same weight in 8-bit integers. */
  readonly quantized?: QuantizedWeight;
}

/** A weight for an operand, with the low-rank branches that are to run beside its layer. */
export interface BranchedWeight {
  readonly weight: Activation;
  readonly branches: readonly LowRankBranch[];
}

/** A matrix in 8-bit integers: row r is `values[r] * scales[r]`. */
export interface BranchedIntegers {
  readonly values: Value<'int8'>;
  readonly scales: Value<'float32'>;
  readonly branches: readonly LowRankBranch[];
}

/** A weight that a module needs. Its name in the checkpoint is its place in the tree of modules. */
export class Parameter {
  readonly shape: readonly number[];
  #name = '';
  #tensor: StoredTensor | null = null;
  #adapters: readonly AppliedAdapter[] = [];
  #quantized: QuantizedWeight | null = null;

  constructor(...shape: readonly number[]) {
    this.shape = shape;
  }

  /** Says where the weight lies. */
  bind(name: string, tensor: StoredTensor, extras: ParameterExtras = {}): void {
    this.#name = name;
    this.#tensor = tensor;
    this.#adapters = extras.adapters ?? [];
    this.#quantized = extras.quantized ?? null;
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
    if (this.#quantized === null || !this.#adapters.every(isLowRank)) return null;
    const { values, scales } = this.#quantized;
    return {
      values: x.graph.storedAs(`${this.#name}#values`, values, 'int8'),
      scales: x.graph.storedAs(`${this.#name}#scales`, scales, 'float32'),
      branches: this.#branches(x),
    };
  }

  /** Rows `start` up to `end` of the weight, by that range of its bytes. */
  rows(start: number, end: number): Parameter {
    const part = new Parameter(end - start, ...this.shape.slice(1));
    const quantized = this.#quantized && {
      values: rowsOf(this.#quantized.values, start, end),
      scales: rowsOf(this.#quantized.scales, start, end),
    };
    part.bind(`${this.#name}[${start}:${end}]`, rowsOf(this.#bound(), start, end), {
      adapters: this.#adapters.map((applied) => ({ ...applied, rows: { start, end } })),
      ...(quantized && { quantized }),
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

function rowsOf(tensor: StoredTensor, start: number, end: number): StoredTensor {
  if (tensor.transposed) throw new RangeError('Rows of a weight that is stored transposed are not contiguous.');
  const [count = 1, ...inner] = tensor.shape;
  const rowBytes = tensor.byteLength / count;
  const range = { offset: tensor.offset + start * rowBytes, byteLength: (end - start) * rowBytes };
  return { ...tensor, ...range, shape: [end - start, ...inner] };
}
