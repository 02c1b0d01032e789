import ort from 'onnxruntime-node';
import type { Provider } from '../../commands/engine.ts';
import { isOutOfMemory } from '../out-of-memory.ts';
import type { Tensor } from '../tensor.ts';

/** Names of a graph's inputs and their element types. */
export type Signature = Readonly<Record<string, 'float32' | 'int32'>>;

/** A graph ready for ONNX Runtime: a serialised ModelProto, what goes in, and the float32 tensors that come out. */
export interface GraphModel<Inputs extends Signature, Output extends string> {
  readonly bytes: Uint8Array;
  readonly inputs: Inputs;
  readonly outputs: readonly Output[];
  /** The folder that its weights' files are named relative to; a graph of ours names them from the root. */
  readonly externalFolder?: string;
}

export interface IntTensor {
  readonly shape: readonly number[];
  readonly data: Int32Array;
}

export type Feeds<Inputs extends Signature> = {
  readonly [Name in keyof Inputs]: Inputs[Name] extends 'int32' ? IntTensor : Tensor;
};

/** How a session runs; see ONNX Runtime's session options. */
export interface SessionOptions {
  readonly provider: Provider;
  /** Threads for one operator on the CPU: all cores unless given. */
  readonly threads?: number;
  /** Which GPU, where there are several. */
  readonly deviceId?: number;
  /**
   * On the CPU, 'fast' (the default) lays weights out anew for the kernels, which copies them, and keeps the memory of
   * intermediate results. 'lean' leaves weights mapped from their file, where the system can evict them, and frees at
   * once: a full-size UNet then holds 0.15 GB of its own rather than 3, at about the same speed.
   */
  readonly memory?: 'fast' | 'lean';
  /** Whether the memory of intermediate results is kept for the next run: with 'fast' unless this is false. */
  readonly keepsBuffers?: boolean;
}

/** The graph could not be made ready or run. The message says why and what to do. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly reason: 'out_of_memory' | 'provider' | 'failed';

  constructor(reason: SessionError['reason'], message: string, cause: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** A graph with its weights in memory. */
export interface Session<Inputs extends Signature, Output extends string> {
  /**
   * Computes the outputs that are named, or all. Blocks the event loop while it computes.
   * @param factors of the graph's open branches, by the names of their inputs
   * @throws SessionError
   */
  run(
    feeds: Feeds<Inputs>,
    outputs?: readonly Output[],
    factors?: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<Output, Tensor>>>;
  /** Frees the memory; the session cannot run any more. */
  release(): Promise<void>;
}

/**
 * Makes a graph ready to run: ONNX Runtime optimises it and maps or converts its weights. Blocks the event loop.
 * @throws SessionError
 */
export async function createSession<Inputs extends Signature, Output extends string>(
  model: GraphModel<Inputs, Output>,
  options: SessionOptions,
): Promise<Session<Inputs, Output>> {
  const { provider } = options;
  const session = await ort.InferenceSession.create(model.bytes, nativeOptions(options, model.externalFolder)).catch(
    (error: unknown) => {
      throw explain(error, provider, 'load the model');
    },
  );
  return {
    async run(feeds, outputs = model.outputs, factors = {}) {
      const results = await session.run(nativeFeeds({ ...feeds, ...factors }), outputs).catch((error: unknown) => {
        throw explain(error, provider, 'run the model');
      });
      const tensors = Object.fromEntries(Object.entries(results).map(([name, value]) => [name, toTensor(name, value)]));
      if (!hasAll(tensors, outputs)) throw new SessionError('failed', `The model gave no ${outputs.join(', ')}.`, null);
      return tensors;
    },
    release: () => session.release(),
  };
}

function nativeOptions(options: SessionOptions, externalFolder = '/'): ort.InferenceSession.SessionOptions {
  const { provider, threads, deviceId, memory = 'fast', keepsBuffers = memory === 'fast' } = options;
  return {
    executionProviders: [provider === 'cuda' ? { name: 'cuda', deviceId: deviceId ?? 0 } : provider],
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    enableCpuMemArena: keepsBuffers,
    // 'all' is 'extended' and a blocked layout of convolutions, which is faster and holds a second copy of their weights.
    graphOptimizationLevel: memory === 'lean' ? 'extended' : 'all',
    // Errors reach the caller as exceptions; what ONNX Runtime would print beside them is for its developers.
    logSeverityLevel: 4,
    extra: {
      session: {
        // Initialisers name their files relative to this folder (`externalLocation` in graph.ts).
        model_external_initializers_file_folder_path: externalFolder,
        disable_prepacking: memory === 'lean' ? '1' : '0',
      },
      // It fuses the rounding of x into each product, where layers with the same x share it, and the result is slower.
      optimization: { disable_specified_optimizers: 'DynamicQuantizeMatMulFusion' },
    },
  };
}

function nativeFeeds(feeds: Readonly<Record<string, Tensor | IntTensor>>): Record<string, ort.Tensor> {
  const tensors = Object.entries(feeds).map(([name, { data, shape }]) => {
    return [
      name,
      data instanceof Int32Array ? new ort.Tensor('int32', data, shape) : new ort.Tensor('float32', data, shape),
    ];
  });
  return Object.fromEntries(tensors);
}

function toTensor(name: string, value: ort.OnnxValue): Tensor {
  if (!(value.data instanceof Float32Array))
    throw new SessionError('failed', `The output ${name} is not float32.`, null);
  return { shape: value.dims, data: value.data };
}

function hasAll<Name extends string>(
  tensors: Readonly<Record<string, Tensor>>,
  names: readonly Name[],
): tensors is Readonly<Record<Name, Tensor>> {
  return names.every((name) => name in tensors);
}

const PROVIDER_MISSING = /failed to load shared library|adapter|CUDA driver|executionProviders|backend not found/i;

/** What makes a provider work, for a person whose machine lacks it. */
const providerFixes: Readonly<Record<Provider, string>> = {
  cpu: 'Install the packages again with npm ci.',
  cuda: 'It needs an NVIDIA GPU, CUDA 12 with cuDNN 9, and onnxruntime-node installed with its CUDA libraries.',
  webgpu: 'It needs a GPU with a Vulkan driver (on Debian: libvulkan1 and the driver of the GPU).',
};

/** Turns an exception of ONNX Runtime, which has only a message, into one of ours. */
function explain(error: unknown, provider: Provider, doing: string): SessionError {
  const message = error instanceof Error ? error.message : String(error);
  if (isOutOfMemory(message)) {
    const where = provider === 'cpu' ? 'of this machine' : 'on the GPU';
    const fix = `Free memory ${where}, or draw smaller or fewer pictures at once.`;
    return new SessionError('out_of_memory', `There is not enough memory to ${doing} on ${provider}. ${fix}`, error);
  }
  if (PROVIDER_MISSING.test(message)) {
    const text = `The provider ${provider} does not work on this machine. ${providerFixes[provider]} (${message})`;
    return new SessionError('provider', text, error);
  }
  return new SessionError('failed', `Could not ${doing} on ${provider}: ${message}`, error);
}
