import type { Provider } from '../../commands/engine.ts';
import type { WeightExtras } from '../graph/bind-weights.ts';
import { type Activation, Graph, type Storage } from '../graph/graph.ts';
import { type AttentionKind, loweringFor } from '../graph/lowering/index.ts';
import type { OpenBranch } from '../graph/open-branch.ts';
import type { GraphModel, Signature } from '../graph/session.ts';

export interface BuildOptions<Trace extends string = never> extends WeightExtras {
  readonly provider: Provider;
  /** Defaults to the provider's own: float32 on a CPU, float16 on a GPU. */
  readonly precision?: Activation['type'];
  readonly storage?: Storage;
  readonly attention?: AttentionKind;
  /** Paths of modules whose results become outputs of the graph too, under these names: for tests and debugging. */
  readonly trace?: readonly Trace[];
}

/** A network's graph. */
export interface NetworkModel<Inputs extends Signature, Output extends string> extends GraphModel<Inputs, Output> {
  /** Those whose factors each run must be fed besides the inputs: none unless they were asked for. */
  readonly branches: readonly OpenBranch[];
}

/** Starts a graph, has it filled, and closes it with the outputs that are asked for besides the model's own. */
export function buildModel<Inputs extends Signature, Output extends string, Trace extends string>(
  inputs: Inputs,
  outputs: readonly Output[],
  options: BuildOptions<Trace>,
  fill: (graph: Graph) => void,
): NetworkModel<Inputs, Output | Trace> {
  const { provider, precision, storage, attention, quantized, trace = [] } = options;
  if (quantized && provider !== 'cpu')
    throw new RangeError(`8-bit weights are for the CPU; ${provider} computes in float16.`);
  const graph = new Graph(loweringFor(provider, attention), {
    ...(precision && { precision }),
    ...(storage && { storage }),
  });
  fill(graph);
  for (const path of trace) graph.output(path, graph.traced(path), []);
  return { bytes: graph.encode(), inputs, outputs: [...outputs, ...trace], branches: graph.openBranches };
}
