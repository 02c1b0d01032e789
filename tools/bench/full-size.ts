import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arithmetic } from '../../commands/engine.ts';
import {
  parseTextEncoderConfig,
  parseUnetConfig,
  parseVaeConfig,
} from '../../inference/checkpoint/parse-model-configuration.ts';
import type { Weights } from '../../inference/checkpoint/weights.ts';
import { createSession, type SessionOptions } from '../../inference/graph/session.ts';
import { buildTextEncoder, noVectors } from '../../inference/models/clip.ts';
import { machineBytes, parameterCount, planMemory } from '../../inference/models/memory-plan.ts';
import type { BuildOptions } from '../../inference/models/model.ts';
import { buildShallowUnet, buildUnet } from '../../inference/models/unet/unet.ts';
import { buildVaeDecoder } from '../../inference/models/vae/vae.ts';
import type { QuantizedWeights } from '../../inference/quantization/matrix.ts';
import { splitByRounding } from '../../inference/quantization/quantizable.ts';
import { TorchGenerator } from '../../inference/sampling/noise.ts';
import { sizeOf, type Tensor } from '../../inference/tensor.ts';
import { configurationOf, type KnownNetwork, makeUpIntegers, makeUpWeights } from './made-up-weights.ts';

/** One network to run, at its real size. */
export interface FullSizeOptions {
  readonly network: KnownNetwork;
  /** Of the UNets; the other networks are exact. */
  readonly arithmetic: Arithmetic;
  /** Height and width of the picture, in pixels. */
  readonly pixels: number;
  /** Rows of each forward pass that is measured: 2 for one picture with guidance. */
  readonly batches: readonly number[];
  /** Of the UNet: only its finest level, as between the whole passes of a fast picture. */
  readonly finestOnly?: boolean;
  /** Runs of each: 3 unless given. */
  readonly passes?: number;
}

export interface NetworkResult {
  readonly parameters: number;
  readonly sessionSeconds: number;
  /** The least of the passes after the first (if there are others), which also reads the weights, with the first number of rows. */
  readonly forwardSeconds: number;
  /** The same for every number of rows. */
  readonly batchSeconds: readonly number[];
}

export interface FullSizeResult extends NetworkResult {
  /** Of this whole process at its highest, with the pages of mapped files, which the system can take back, and without. */
  readonly peakResidentBytes: number;
  readonly ownBytes: number;
}

const PASSES = 3;

interface Ready {
  readonly run: (rows: number) => Promise<unknown>;
  readonly release: () => Promise<void>;
}

/**
 * Runs networks one after the other in this process, which holds them all until the end.
 * @param folder where their made-up files are, or are to be
 */
export async function measureNetworks(
  all: readonly FullSizeOptions[],
  folder: string,
): Promise<readonly FullSizeResult[]> {
  const held: Ready[] = [];
  const results: FullSizeResult[] = [];
  try {
    for (const options of all) {
      const weights = await makeUpWeights(options.network, folder);
      const integers = isUnet(options.network)
        ? await makeUpIntegers(options.network, options.arithmetic, folder)
        : undefined;
      const [ready, sessionSeconds] = await timed(() => start(options, weights, integers));
      held.push(ready);
      const batchSeconds: number[] = [];
      for (const rows of options.batches) {
        const seconds: number[] = [];
        for (let pass = 0; pass < (options.passes ?? PASSES); pass++)
          seconds.push((await timed(() => ready.run(rows)))[1]);
        batchSeconds.push(Math.min(...seconds.slice(seconds.length > 1 ? 1 : 0)));
      }
      results.push({
        parameters: parameterCount(weights),
        sessionSeconds,
        forwardSeconds: batchSeconds[0] ?? Number.NaN,
        batchSeconds,
        peakResidentBytes: process.resourceUsage().maxRSS * 1024,
        ownBytes: await ownBytes(),
      });
    }
    return results;
  } finally {
    for (const ready of held) await ready.release();
  }
}

/** As `pipeline/networks.ts` makes networks ready. */
async function start(
  options: FullSizeOptions,
  weights: Weights,
  integers: QuantizedWeights | undefined,
): Promise<Ready> {
  const { network, arithmetic, pixels, finestOnly = false } = options;
  const side = pixels / 8;
  const exact = isUnet(network) ? splitByRounding(weights, arithmetic).exact : weights;
  const rounded = parameterCount(weights) - parameterCount(exact);
  const { storage, memory } = planMemory(exact, machineBytes(), rounded);
  const build: BuildOptions = { provider: 'cpu', storage, ...(integers && { quantized: integers }) };
  const session: SessionOptions = { provider: 'cpu', memory };
  const source = await configurationOf(network);
  if (isUnet(network)) {
    const config = parseUnetConfig(source, network);
    const ids = network === 'unet' ? 6 : 5;
    const feedsOf = (rows: number) => ({
      sample: noise(rows, config.inChannels, side, side),
      timestep: zeros(rows),
      encoder_hidden_states: noise(rows, 77, config.crossAttentionDim),
      text_embeds: noise(rows, config.projectionClassEmbeddingsInputDim - ids * config.additionTimeEmbedDim),
      time_ids: zeros(rows, ids),
    });
    if (finestOnly) {
      const finest = await createSession(buildShallowUnet(config, weights, build), session);
      const deepOf = (rows: number) => noise(rows, config.blockOutChannels[1] ?? 0, side, side);
      return { run: (rows) => finest.run({ ...feedsOf(rows), deep: deepOf(rows) }), release: () => finest.release() };
    }
    const ready = await createSession(buildUnet(config, weights, build), session);
    return { run: (rows) => ready.run(feedsOf(rows), ['prediction']), release: () => ready.release() };
  }
  if (network === 'vae') {
    const config = parseVaeConfig(source, network);
    const ready = await createSession(buildVaeDecoder(config, weights, build), { ...session, keepsBuffers: false });
    const run = (rows: number) => ready.run({ latent: noise(rows, config.latentChannels, side, side) });
    return { run, release: () => ready.release() };
  }
  const config = parseTextEncoderConfig(source, network);
  const ready = await createSession(buildTextEncoder(config, weights, build), session);
  const { maxPositionEmbeddings: tokens } = config;
  const run = (rows: number) => {
    const ids = { shape: [rows, tokens], data: new Int32Array(rows * tokens) };
    return ready.run({ input_ids: ids, vectors: noVectors(config) }, ['penultimate', 'pooled']);
  };
  return { run, release: () => ready.release() };
}

function isUnet(network: KnownNetwork): boolean {
  return network === 'unet' || network === 'refiner_unet';
}

function noise(...shape: number[]): Tensor {
  return new TorchGenerator(1).randn(shape);
}

function zeros(...shape: number[]): Tensor {
  return { shape, data: new Float32Array(sizeOf(shape)) };
}

/** Memory that is no file's; where the system does not tell it apart, all of it. */
async function ownBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kilobytes = /RssAnon:\s+(\d+) kB/.exec(status)?.[1];
  return kilobytes === undefined ? process.memoryUsage.rss() : Number(kilobytes) * 1024;
}

async function timed<T>(work: () => Promise<T>): Promise<[result: T, seconds: number]> {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

// As a program it prints its figures as JSON, so that the memory measured is this alone. One network or a list of them,
// and where to keep the made-up weights:
// node --import ./tools/from-source.js tools/bench/full-size.ts '{"arithmetic":"int8","pixels":1024}' FOLDER
if (process.argv[1] === import.meta.filename) {
  const defaults: FullSizeOptions = { network: 'unet', arithmetic: 'float32', pixels: 512, batches: [1] };
  const given: unknown = JSON.parse(process.argv[2] ?? '{}');
  const folder = process.argv[3] ?? (await mkdtemp(join(tmpdir(), 'easel-full-size-')));
  const all = [given].flat().map((options) => ({ ...defaults, ...Object(options) }));
  const results = await measureNetworks(all, folder).finally(() => process.argv[3] ?? rm(folder, { recursive: true }));
  console.log(JSON.stringify(Array.isArray(given) ? results : results[0], null, 2));
}
