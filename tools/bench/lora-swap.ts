import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARITHMETICS, type ArithmeticSetting } from '../../commands/engine.ts';
import type { Weights } from '../../inference/checkpoint/weights.ts';
import { adaptModel, type Model, openModel, type PlainSource } from '../../inference/pipeline/model.ts';
import type { ArithmeticOptions } from '../../inference/quantization/arithmetic.ts';
import { TorchGenerator } from '../../inference/sampling/noise.ts';
import { writeLora } from '../../test/made-up-extras.ts';
import { writeMadeUp } from './made-up-weights.ts';

const fixtures = join(import.meta.dirname, '../../test/fixtures/golden/keys');
const models = join(import.meta.dirname, '../../models/mini');
const miniature: PlainSource = { base: join(models, 'base'), refiner: join(models, 'refiner') };

/** The rank that most LoRAs of SDXL have is between 8 and 64. */
const RANK = 16;

export interface SwapResult {
  /** From the files to networks that are ready to draw, where the system has read them before. */
  readonly reloadSeconds: number;
  /** To the first LoRA for the UNet and both text encoders, beside the model that is loaded. */
  readonly firstSeconds: number;
  /** From that one to another. */
  readonly swapSeconds: number;
  /** One forward pass at 512x512 (of the miniature at 256x256) without guidance, without LoRA and with one. */
  readonly plainStepSeconds: number;
  readonly adaptedStepSeconds: number;
}

/** Of the miniature with its refiner: the least of several runs each, taken in turn. */
export function measureMiniatureSwap(): Promise<SwapResult> {
  return withFolder(async (folder) => {
    const loras = [join(folder, 'one.safetensors'), join(folder, 'two.safetensors')] as const;
    for (const [seed, lora] of loras.entries()) await writeLora(lora, { seed, rank: RANK });
    return measure(miniature, loras, optionsFor(folder), { pixels: 256, repeats: 5 });
  });
}

/** Of SDXL's base at its real size, with made-up weights; in what this machine would draw it in unless that is given. */
export function measureFullSizeSwap(arithmetic: ArithmeticSetting = 'auto'): Promise<SwapResult> {
  return withFolder(async (folder) => {
    const base = join(folder, 'base.safetensors');
    await writeHalfs(base, JSON.parse(await readFile(join(fixtures, 'base.single-file.json'), 'utf8')));
    const options = { ...optionsFor(folder), arithmetic };
    const { base: expert } = await openModel({ base, refiner: null }, options);
    const { checkpoint } = expert.networks;
    const encoders = checkpoint.kind === 'base' ? { text_encoder: checkpoint.textEncoder } : {};
    const parts = { unet: checkpoint.unet, ...encoders, text_encoder_2: checkpoint.textEncoder2 };
    const shapes = Object.entries(parts).flatMap(([name, { weights }]) => loraShapes(name, weights));
    const loras = [join(folder, 'one.safetensors'), join(folder, 'two.safetensors')] as const;
    for (const lora of loras) await writeHalfs(lora, Object.fromEntries(shapes));
    return measure({ base, refiner: null }, loras, options, { pixels: 512, repeats: 2 });
  });
}

function writeHalfs(path: string, shapes: Readonly<Record<string, readonly number[]>>): Promise<void> {
  return writeMadeUp(
    path,
    Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: 'F16' })),
  );
}

/** A LoRA of all attention, which most are. */
function loraShapes(component: string, weights: Weights): (readonly [string, readonly number[]])[] {
  return [...weights].flatMap(([name, { shape }]) => {
    if (!/(attn\d?\.(to_(q|k|v|out\.0)|[qkv]_proj|out_proj))\.weight$/.test(name)) return [];
    const [out = 0, inner = 0] = shape;
    const module = `${component}.${name.replace(/\.weight$/, '')}`;
    return [[`${module}.lora_A.weight`, [RANK, inner]] as const, [`${module}.lora_B.weight`, [out, RANK]] as const];
  });
}

async function measure(
  source: PlainSource,
  [one, two]: readonly [string, string],
  options: ArithmeticOptions,
  { pixels, repeats }: { readonly pixels: number; readonly repeats: number },
): Promise<SwapResult> {
  const warmUp = await openModel(source, options);
  await makeReady(warmUp);
  await warmUp.release();
  const runs: SwapResult[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const [plain, reloadSeconds] = await timed(() => openModel(source, options));
    const plainStepSeconds = await stepSeconds(plain, pixels);
    const [first, firstSeconds] = await timed(() => adaptModel(plain, [{ path: one, weight: 1 }], options));
    const [second, swapSeconds] = await timed(() => adaptModel(plain, [{ path: two, weight: 0.8 }], options));
    runs.push({
      reloadSeconds,
      firstSeconds,
      swapSeconds,
      plainStepSeconds,
      adaptedStepSeconds: await stepSeconds(second, pixels),
    });
    for (const model of [first, second, plain]) await model.release();
  }
  const least = (name: keyof SwapResult): number => Math.min(...runs.map((run) => run[name]));
  return {
    reloadSeconds: least('reloadSeconds'),
    firstSeconds: least('firstSeconds'),
    swapSeconds: least('swapSeconds'),
    plainStepSeconds: least('plainStepSeconds'),
    adaptedStepSeconds: least('adaptedStepSeconds'),
  };
}

/** The least of three. */
async function stepSeconds({ base: { networks } }: Model, pixels: number): Promise<number> {
  const unet = await networks.unet();
  const { config } = networks.checkpoint.unet;
  const generator = new TorchGenerator(1);
  const batch = {
    sample: generator.randn([1, config.inChannels, pixels / 8, pixels / 8]),
    timesteps: Float32Array.of(500),
    context: generator.randn([1, 77, config.crossAttentionDim]),
    pooled: generator.randn([1, config.projectionClassEmbeddingsInputDim - 6 * config.additionTimeEmbedDim]),
    timeIds: generator.randn([1, 6]),
  };
  const seconds: number[] = [];
  for (let pass = 0; pass < 3; pass++) {
    const start = performance.now();
    await unet.forward(batch);
    seconds.push((performance.now() - start) / 1000);
  }
  return Math.min(...seconds);
}

async function timed(open: () => Promise<Model>): Promise<[model: Model, seconds: number]> {
  const start = performance.now();
  const model = await open();
  await makeReady(model);
  return [model, (performance.now() - start) / 1000];
}

/** Loads whatever drawing needs; decoding the smallest picture takes next to nothing. */
async function makeReady({ base: { networks }, refiner }: Model): Promise<void> {
  for (const part of [networks, ...(refiner === null ? [] : [refiner.networks])]) {
    await part.unet();
    for (const load of part.textEncoders) await load();
  }
  const shape = [1, networks.checkpoint.unet.config.inChannels, 1, 1];
  await networks.decode({ shape, data: new Float32Array(shape[1] ?? 0) });
}

function optionsFor(cacheFolder: string): ArithmeticOptions {
  return { provider: 'cpu', threads: 0, cacheFolder };
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-lora-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

// As a program it prints its figures as JSON: node --import ./tools/from-source.js tools/bench/lora-swap.ts [float32 | int8-linear | int8]
if (process.argv[1] === import.meta.filename) {
  const arithmetic = ARITHMETICS.find((known) => known === process.argv[2]);
  console.log(JSON.stringify(await (arithmetic ? measureFullSizeSwap(arithmetic) : measureMiniatureSwap())));
}
