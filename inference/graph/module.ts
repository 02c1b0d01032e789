import type { StoredTensor, Weights } from '../checkpoint/weights.ts';
import { type AppliedAdapter, adapted, isLowRank, type LowRankBranch, lowRankBranch } from './adapters.ts';
import type { Activation, Graph, Value } from './graph.ts';
import { cast, transpose } from './ops.ts';

/** A weight that a module needs. Its name in the checkpoint is its place in the tree of modules. */
export class Parameter {
  readonly shape: readonly number[];
  #name = '';
  #tensor: StoredTensor | null = null;
  #adapters: readonly AppliedAdapter[] = [];

  constructor(...shape: readonly number[]) {
    this.shape = shape;
  }

  /** Where the weight lies, and what is added to it. */
  bind(name: string, tensor: StoredTensor, adapters: readonly AppliedAdapter[]): void {
    this.#name = name;
    this.#tensor = tensor;
    this.#adapters = adapters;
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
  besideBranches(x: Activation): { readonly weight: Activation; readonly branches: readonly LowRankBranch[] } {
    const weight = cast(this.stored(x.graph), x.type);
    if (x.graph.storage === 'fp32') return { weight: adapted(weight, this.#adapters), branches: [] };
    const branches = this.#adapters.filter(isLowRank).map((applied) => lowRankBranch(applied, x));
    return {
      weight: adapted(
        weight,
        this.#adapters.filter((applied) => !isLowRank(applied)),
      ),
      branches,
    };
  }

  /** Rows `start` up to `end` of the weight: a range of the same bytes. */
  rows(start: number, end: number): Parameter {
    const tensor = this.#bound();
    if (tensor.transposed)
      throw new RangeError(`Rows of ${this.#name}, which is stored transposed, are not contiguous.`);
    const [count = 1, ...inner] = this.shape;
    const rowBytes = tensor.byteLength / count;
    const part = new Parameter(end - start, ...inner);
    const range = { offset: tensor.offset + start * rowBytes, byteLength: (end - start) * rowBytes, shape: part.shape };
    const adapters = this.#adapters.map((applied) => ({ ...applied, rows: { start, end } }));
    part.bind(`${this.#name}[${start}:${end}]`, { ...tensor, ...range }, adapters);
    return part;
  }

  #bound(): StoredTensor {
    if (this.#tensor === null) throw new Error('A parameter was used before its weights were bound.');
    return this.#tensor;
  }
}

/**
 * A part of a network, as in PyTorch: its fields are parameters, modules and arrays of modules, and their names are
 * the checkpoint's (hence snake case). `call` builds the module's nodes in the graph of its first operand.
 */
export abstract class Module<Operands extends readonly [Value, ...unknown[]] = [Activation], Result = Activation> {
  #path = '';

  /** Where the module stands in the tree, once weights are bound. */
  get path(): string {
    return this.#path;
  }

  protected abstract forward(...operands: Operands): Result;

  call(...operands: Operands): Result {
    return operands[0].graph.within(this.#path, () => this.forward(...operands));
  }

  place(path: string): void {
    this.#path = path;
  }
}

/** A module that stands for one of PyTorch's without parameters (dropout), so that its neighbours' indices agree. */
export class Identity extends Module {
  protected forward(x: Activation): Activation {
    return x;
  }
}

/** The checkpoint's tensors are not those that the configuration asks for. */
export class WeightsMismatchError extends Error {
  override readonly name = 'WeightsMismatchError';
  readonly missing: readonly string[];
  readonly misshaped: readonly string[];
  readonly unused: readonly string[];

  constructor(model: string, missing: readonly string[], misshaped: readonly string[], unused: readonly string[]) {
    const problems = [
      ...missing.map((name) => `missing: ${name}`),
      ...misshaped.map((what) => `wrong shape: ${what}`),
      ...unused.map((name) => `not part of the model: ${name}`),
    ];
    super(
      `The weights do not fit the configuration of the ${model} (${problems.length} tensors):\n  ${problems.join('\n  ')}\n` +
        'Use the config.json that was published with these weights, or load the whole file again if it was cut.',
    );
    this.missing = missing;
    this.misshaped = misshaped;
    this.unused = unused;
  }
}

/**
 * Gives every parameter of the module its tensor, and the adapters that were fitted to it.
 * @param model what the module is called in an error: "UNet", "VAE"
 * @throws WeightsMismatchError listing all tensors that are missing, of the wrong shape, or left over
 */
export function bindWeights<M extends object>(
  module: M,
  weights: Weights,
  model: string,
  adapters: readonly AppliedAdapter[] = [],
): M {
  const missing: string[] = [];
  const misshaped: string[] = [];
  const used = new Set<string>();
  for (const [name, parameter] of parametersOf(module)) {
    const tensor = weights.get(name);
    if (tensor === undefined) {
      missing.push(name);
      continue;
    }
    used.add(name);
    const expected = tensor.transposed ? parameter.shape.toReversed() : parameter.shape;
    if (expected.join() !== tensor.shape.join()) misshaped.push(`${name} is [${tensor.shape}], not [${expected}]`);
    parameter.bind(
      name,
      tensor,
      adapters.filter(({ adapter }) => `${adapter.module}.weight` === name),
    );
  }
  const misplaced = adapters.find(({ adapter }) => !used.has(`${adapter.module}.weight`));
  if (misplaced) throw new RangeError(`An adapter is for ${misplaced.adapter.module}, which the ${model} has not.`);
  const unused = [...weights.keys()].filter((name) => !used.has(name));
  if (missing.length + misshaped.length + unused.length > 0) {
    throw new WeightsMismatchError(model, missing, misshaped, unused);
  }
  return module;
}

/** All parameters below a module by their path; tells the modules their own paths on the way. */
function* parametersOf(node: object, path = ''): Generator<[string, Parameter]> {
  if (node instanceof Parameter) {
    yield [path, node];
    return;
  }
  if (node instanceof Module) node.place(path);
  for (const [name, child] of Object.entries(node)) {
    if (!(child instanceof Parameter || child instanceof Module || Array.isArray(child))) continue;
    yield* parametersOf(child, path === '' ? name : `${path}.${name}`);
  }
}
