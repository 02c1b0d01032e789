import { isScale } from '../checkpoint/surplus.ts';
import type { Weights } from '../checkpoint/weights.ts';
import type { QuantizedWeights } from '../quantization/matrix.ts';
import type { AppliedAdapter } from './adapters.ts';
import { Module } from './module.ts';
import { isMatrix, type OpenLayers } from './open-branch.ts';
import { Parameter } from './parameter.ts';

/** What may be given beside a network's weights. */
export interface WeightExtras {
  /** Those that were fitted to this network; see `openLora`. */
  readonly adapters?: readonly AppliedAdapter[];
  /** Weights to compute with in 8-bit integers, on a CPU: faster and smaller, and no longer exact; see `readQuantized`. */
  readonly quantized?: QuantizedWeights;
  /** The layers beside which there are branches for LoRAs whose factors come with each run; see `OpenBranch`. */
  readonly openLayers?: OpenLayers;
}

/** How many tensors a message names: there may be hundreds. */
const LISTED = 3;

/** What a file looks like that does not fit, and what to do. */
function adviceOn(missing: readonly string[], unused: readonly string[]): string {
  if (unused.some(isScale))
    return 'these are weights in scaled float8; get the model in float16, bfloat16 or plain float8';
  if (missing.length > 0 && unused.length > 0) {
    return 'it is a network of another kind, or its tensors have other names; get it as it was first published';
  }
  if (missing.length > 0) return 'the file was cut, or is of another kind; fetch it again';
  return 'it is a network of another kind; in a folder, use the config.json that was published with these weights';
}

/** The checkpoint's tensors are not those that the configuration asks for. */
export class WeightsMismatchError extends Error {
  override readonly name = 'WeightsMismatchError';
  readonly missing: readonly string[];
  readonly misshaped: readonly string[];
  readonly unused: readonly string[];

  constructor(model: string, missing: readonly string[], misshaped: readonly string[], unused: readonly string[]) {
    const problems = [
      ...misshaped.map((what) => `wrong shape: ${what}`),
      ...missing.map((name) => `missing: ${name}`),
      ...unused.map((name) => `not part of the model: ${name}`),
    ];
    const listed = problems.slice(0, LISTED).join(', ');
    const more = problems.length > LISTED ? ` and ${problems.length - LISTED} more` : '';
    const count = problems.length === 1 ? '1 tensor does' : `${problems.length} tensors do`;
    super(`${count} not fit the ${model} (${listed}${more}): ${adviceOn(missing, unused)}`);
    this.missing = missing;
    this.misshaped = misshaped;
    this.unused = unused;
  }
}

/**
 * Gives every parameter of the module its tensor, and what was made for it besides.
 * @param model what the module is called in an error: "UNet", "VAE"
 * @param matters whether a tensor that is left over makes this another network; else it is passed over
 * @throws WeightsMismatchError for tensors that are missing, of the wrong shape, or left over and matter
 */
export function bindWeights<M extends object>(
  module: M,
  weights: Weights,
  model: string,
  { adapters = [], quantized, openLayers }: WeightExtras = {},
  matters: (name: string) => boolean = () => true,
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
    parameter.bind(name, tensor, {
      adapters: adapters.filter(({ adapter }) => `${adapter.module}.weight` === name),
      ...(quantized && { quantized }),
      ...(isOpen(parameter.shape, openLayers) && { branch: { module: moduleOf(name), shape: parameter.shape } }),
    });
  }
  const misplaced = adapters.find(({ adapter }) => !used.has(`${adapter.module}.weight`));
  if (misplaced) throw new RangeError(`An adapter is for ${misplaced.adapter.module}, which the ${model} has not.`);
  const unused = [...weights.keys()].filter((name) => !used.has(name) && matters(name));
  if (missing.length + misshaped.length + unused.length > 0) {
    throw new WeightsMismatchError(model, missing, misshaped, unused);
  }
  return module;
}

function isOpen(shape: readonly number[], layers: OpenLayers | undefined): boolean {
  return layers === 'all' || (layers === 'linear' && isMatrix(shape));
}

function moduleOf(weight: string): string {
  return weight.replace(/\.weight$/, '');
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
