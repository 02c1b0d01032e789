import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseUnetConfig } from '../../inference/checkpoint/parse-model-configuration.ts';
import { readSafetensorsHeader } from '../../inference/checkpoint/safetensors.ts';
import type { Weights } from '../../inference/checkpoint/weights.ts';
import type { Storage } from '../../inference/graph/graph.ts';
import { createSession, type SessionOptions } from '../../inference/graph/session.ts';
import { buildUnet } from '../../inference/models/unet/unet.ts';
import { readQuantized, writeQuantized } from '../../inference/quantization/file.ts';
import type { QuantizedWeights } from '../../inference/quantization/matrix.ts';
import { splitByRounding } from '../../inference/quantization/quantizable.ts';
import { sizeOf, type Tensor } from '../../inference/tensor.ts';

// The real SDXL's UNet at its real size, with weights that are all zero: a sparse file that takes no room on the disk.
// Kernels take as long with zeros as with numbers.

const keys = join(import.meta.dirname, '../../test/fixtures/golden/keys');
const dtypeBytes = { F16: 2, F32: 4 } as const;

export interface FullSizeOptions {
  readonly network: 'unet' | 'refiner_unet';
  /** Element type of the made-up file. */
  readonly dtype: keyof typeof dtypeBytes;
  readonly storage: Storage;
  readonly memory: NonNullable<SessionOptions['memory']>;
  /** Whether the transformers compute in 8-bit integers. */
  readonly int8: boolean;
  /** Height and width of the picture, in pixels. */
  readonly pixels: number;
  /** Rows of the forward pass: 2 with guidance. */
  readonly batch: number;
}

export interface FullSizeResult {
  readonly parameters: number;
  /** What rounding the weights took, which is done once; null without it. */
  readonly quantizeSeconds: number | null;
  readonly buildSeconds: number;
  readonly sessionSeconds: number;
  /** The first forward pass, which also reads the weights. */
  readonly firstForwardSeconds: number;
  readonly forwardSeconds: number;
  /** Of this whole process, after the forward passes and at its highest. */
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
}

/** Builds the network over a sparse file, makes a session, and runs it twice. */
export async function measureFullSize(options: FullSizeOptions): Promise<FullSizeResult> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-full-size-'));
  try {
    const file = join(folder, 'sparse.safetensors');
    const shapes = await readShapes(options.network);
    await writeSparseCheckpoint(file, shapes, options.dtype);
    return await measure(file, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Names and shapes of the network's parameters in SDXL 1.0. */
async function readShapes(network: FullSizeOptions['network']): Promise<Record<string, number[]>> {
  return JSON.parse(await readFile(join(keys, `diffusers.${network}.json`), 'utf8'));
}

/** Writes a safetensors file of zeros that takes no more room than its header. */
export async function writeSparseCheckpoint(
  path: string,
  shapes: Readonly<Record<string, readonly number[]>>,
  dtype: FullSizeOptions['dtype'],
): Promise<void> {
  let position = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const start = position;
    position += sizeOf(shape) * dtypeBytes[dtype];
    return [name, { dtype, shape, data_offsets: [start, position] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const handle: FileHandle = await open(path, 'w');
  try {
    await handle.writeFile(Buffer.concat([length, header]));
    await handle.truncate(length.length + header.length + position);
  } finally {
    await handle.close();
  }
}

async function measure(file: string, options: FullSizeOptions): Promise<FullSizeResult> {
  const { network, storage, memory, int8, pixels, batch } = options;
  const configs = JSON.parse(await readFile(join(keys, 'configs.json'), 'utf8'));
  const config = parseUnetConfig(configs[network], network);
  const { tensors } = await readSafetensorsHeader(file);
  const parameters = [...tensors.values()].reduce((total, { shape }) => total + sizeOf(shape), 0);

  const [quantized, quantizeSeconds] = int8 ? await timed(() => quantize(tensors, `${file}.int8`)) : [undefined, null];
  const extras = quantized && { quantized };
  const [model, buildSeconds] = await timed(async () =>
    buildUnet(config, tensors, { provider: 'cpu', storage, ...extras }),
  );
  const [session, sessionSeconds] = await timed(() => createSession(model, { provider: 'cpu', memory }));
  const ids = network === 'unet' ? 6 : 5;
  const zeros = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(sizeOf(shape)) });
  const feeds = {
    sample: zeros(batch, config.inChannels, pixels / 8, pixels / 8),
    timestep: zeros(batch),
    encoder_hidden_states: zeros(batch, 77, config.crossAttentionDim),
    text_embeds: zeros(batch, config.projectionClassEmbeddingsInputDim - ids * config.additionTimeEmbedDim),
    time_ids: zeros(batch, ids),
  };
  const [, firstForwardSeconds] = await timed(() => session.run(feeds));
  const [, forwardSeconds] = await timed(() => session.run(feeds));
  const residentBytes = process.memoryUsage.rss();
  await session.release();
  const peakResidentBytes = process.resourceUsage().maxRSS * 1024;
  return {
    parameters,
    quantizeSeconds,
    buildSeconds,
    sessionSeconds,
    firstForwardSeconds,
    forwardSeconds,
    residentBytes,
    peakResidentBytes,
  };
}

async function quantize(weights: Weights, path: string): Promise<QuantizedWeights> {
  await writeQuantized(splitByRounding(weights, 'int8').rounded, path);
  return readQuantized(path);
}

async function timed<T>(work: () => Promise<T>): Promise<[result: T, seconds: number]> {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

// As a program it prints its figures as JSON, so that the memory measured is this alone:
// node --import tsx tools/bench/full-size.ts '{"dtype":"F16","storage":"stored"}'
if (process.argv[1] === import.meta.filename) {
  const defaults: FullSizeOptions = {
    network: 'unet',
    dtype: 'F16',
    storage: 'stored',
    memory: 'lean',
    int8: false,
    pixels: 512,
    batch: 1,
  };
  const options: FullSizeOptions = { ...defaults, ...JSON.parse(process.argv[2] ?? '{}') };
  console.log(JSON.stringify({ ...options, ...(await measureFullSize(options)) }, null, 2));
}
