import { isAbsolute, relative } from 'node:path';
import type { Dtype, StoredTensor } from '../checkpoint/weights.ts';
import type { Lowering } from './lowering/lowering.ts';
import {
  type Attribute,
  type Dimension,
  type ElementType,
  encodeModel,
  type Initializer,
  type Node,
  type ValueInfo,
} from './onnx.ts';
import type { OpenBranch } from './open-branch.ts';

/** A tensor in a graph under construction. It knows its graph, so that operations need nothing but their operands. */
export interface Value<T extends ElementType = ElementType> {
  readonly graph: Graph;
  readonly name: string;
  readonly type: T;
}

/** What flows between layers: float32 or float16, as the graph computes. */
export type Activation = Value<'float32' | 'float16'>;

/** A one-dimensional int64 tensor that holds a shape or a part of one. */
export type Shape = Value<'int64'>;

/**
 * How a session holds weights that are stored in another type than it computes in: converted once when the session
 * starts (on a CPU: fp32; fastest) or kept as stored and converted at each use (half the memory for fp16 files).
 */
export type Storage = 'fp32' | 'stored';

export interface NodeOptions {
  readonly domain?: 'com.microsoft';
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** How many results the node has, where it is not one; see `Graph.otherResult`. */
  readonly results?: number;
}

/**
 * Builds one ONNX graph. Operations append nodes; `encode` turns the whole into the bytes that a session is made from.
 * Node names carry the path of the module that made them, so that a profile reads like the model.
 */
export class Graph {
  readonly lowering: Lowering;
  /** The type of activations. */
  readonly precision: Activation['type'];
  readonly storage: Storage;
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #constants = new Map<string, string>();
  readonly #inputs = new Map<string, ValueInfo>();
  readonly #outputs: ValueInfo[] = [];
  readonly #traced = new Map<string, Value>();
  readonly #uses = new Map<string, number>();
  readonly #branches = new Map<string, OpenBranch>();
  #path = '';

  constructor(
    lowering: Lowering,
    options: { readonly precision?: Activation['type']; readonly storage?: Storage } = {},
  ) {
    this.lowering = lowering;
    this.precision = options.precision ?? lowering.precision;
    this.storage = options.storage ?? 'fp32';
  }

  input<T extends ElementType>(name: string, type: T, shape: readonly Dimension[]): Value<T> {
    this.#inputs.set(name, { name, type, shape });
    return { graph: this, name, type };
  }

  /** Makes a value a result of the graph, under this name. */
  output(name: string, value: Value, shape: readonly Dimension[]): void {
    this.#nodes.push({ name, opType: 'Identity', domain: '', inputs: [value.name], outputs: [name], attributes: {} });
    this.#outputs.push({ name, type: value.type, shape });
  }

  /** Remembers a branch whose factors are inputs. */
  open(branch: OpenBranch): void {
    this.#branches.set(branch.module, branch);
  }

  /** Those that must be fed. */
  get openBranches(): readonly OpenBranch[] {
    return [...this.#branches.values()];
  }

  /** Appends a node, and returns its (first) result, of the given type; `null` stands for an optional input that is left out. */
  node<T extends ElementType>(
    opType: string,
    inputs: readonly (Value | null)[],
    type: T,
    options: NodeOptions = {},
  ): Value<T> {
    const name = this.#unique(`${this.#path}/${opType}`);
    const names = inputs.map((input) => input?.name ?? '');
    const { domain = '', attributes = {}, results = 1 } = options;
    const outputs = Array.from({ length: results }, (_, index) => resultName(name, index));
    this.#nodes.push({ name, opType, domain, inputs: names, outputs, attributes });
    return { graph: this, name, type };
  }

  /** Another result of the node that gave `first`. */
  otherResult<T extends ElementType>(first: Value, index: number, type: T): Value<T> {
    return { graph: this, name: resultName(first.name, index), type };
  }

  /** A constant float32 tensor; equal constants are stored once. */
  floats(values: readonly number[] | Float32Array, shape: readonly number[]): Value<'float32'> {
    return this.#constant('float32', shape, Float32Array.from(values));
  }

  /** A constant int64 vector; equal constants are stored once. */
  ints(values: readonly number[]): Shape {
    return this.#constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /**
   * A tensor of a checkpoint, left where it lies on disk. The result has the element type it is stored in and the
   * shape of its bytes: transposition and widening are the caller's.
   */
  stored(name: string, tensor: StoredTensor): Value {
    const type = elementTypeOf[tensor.dtype];
    if (!this.#initializers.has(name)) {
      const { shape, offset, byteLength } = tensor;
      const data = { location: externalLocation(tensor.file), offset, byteLength };
      this.#initializers.set(name, { name, type, shape, data });
      // An initialiser that is also an input may be overridden, so ONNX Runtime must not fold its Cast into a copy.
      if (this.storage === 'stored' && type !== 'float32' && type !== 'int8')
        this.#inputs.set(name, { name, type, shape });
    }
    return { graph: this, name, type };
  }

  /** As `stored`, for a tensor that must be of this type. @throws RangeError if it is of another */
  storedAs<T extends ElementType>(name: string, tensor: StoredTensor, type: T): Value<T> {
    const value = this.stored(name, tensor);
    if (value.type !== type) throw new RangeError(`${name} in ${tensor.file} is ${value.type}, not ${type}.`);
    return { ...value, type };
  }

  /** Runs `build` with node names under the given module path, and remembers what it returned for `traced`. */
  within<R>(path: string, build: () => R): R {
    const outer = this.#path;
    this.#path = path;
    const result = build();
    this.#path = outer;
    if (isValue(result)) this.#traced.set(path, result);
    return result;
  }

  /** What the module at this path returned. */
  traced(path: string): Value {
    const value = this.#traced.get(path);
    if (value === undefined)
      throw new RangeError(`The graph has no module ${path}. It has: ${[...this.#traced.keys()].join(', ')}`);
    return value;
  }

  /** Leaves out what no output needs. */
  encode(): Uint8Array {
    const needed = new Set(this.#outputs.map(({ name }) => name));
    const nodes = this.#nodes.toReversed().filter(({ inputs, outputs }) => {
      const isNeeded = outputs.some((name) => needed.has(name));
      if (isNeeded) for (const name of inputs) needed.add(name);
      return isNeeded;
    });
    const initializers = [...this.#initializers.values()].filter(({ name }) => needed.has(name));
    const inputs = [...this.#inputs.values()].filter(({ name }) => needed.has(name) || !this.#initializers.has(name));
    return encodeModel({ nodes: nodes.toReversed(), initializers, inputs, outputs: this.#outputs });
  }

  #constant<T extends ElementType>(type: T, shape: readonly number[], data: Float32Array | BigInt64Array): Value<T> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${type}[${shape}]${Buffer.from(bytes).toString('base64')}`;
    const name = this.#constants.get(key) ?? `constant_${this.#constants.size}`;
    if (!this.#constants.has(key)) {
      this.#constants.set(key, name);
      this.#initializers.set(name, { name, type, shape, data: bytes });
    }
    return { graph: this, name, type };
  }

  #unique(name: string): string {
    const uses = this.#uses.get(name) ?? 0;
    this.#uses.set(name, uses + 1);
    return uses === 0 ? name : `${name}_${uses}`;
  }
}

function resultName(node: string, index: number): string {
  return index === 0 ? node : `${node}:${index}`;
}

function isValue(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && 'graph' in value && value.graph instanceof Graph;
}

const elementTypeOf: Readonly<Record<Dtype, ElementType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8e4m3fn',
  F8_E5M2: 'float8e5m2',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

/** ONNX wants a relative location; sessions are made with '/' as the folder that it is relative to. */
function externalLocation(file: string): string {
  if (!isAbsolute(file)) throw new RangeError(`Weights must be named by an absolute path, not ${file}.`);
  return relative('/', file);
}
