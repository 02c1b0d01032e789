import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Weights } from '../../inference/checkpoint/weights.ts';
import { adaptModel, type Model, openModel, type PlainSource } from '../../inference/pipeline/model.ts';
import type { NetworkOptions } from '../../inference/pipeline/networks.ts';
import { writeLora } from '../../test/made-up-extras.ts';
import { writeSparse } from './made-up-weights.ts';

const fixtures = join(import.meta.dirname, '../../test/fixtures/golden/keys');
const models = join(import.meta.dirname, '../../models/mini');
const miniature: PlainSource = { base: join(models, 'base'), refiner: join(models, 'refiner') };

/** The rank that most LoRAs of SDXL have is between 8 and 64. */
const RANK = 16;

export interface SwapResult {
  /** From the files to networks that are ready to draw, where the system has read them before. */
  readonly reloadSeconds: number;
  /** To another LoRA for the UNet and both text encoders, beside the model that is loaded. */
  readonly swapSeconds: number;
}

/** Of the miniature with its refiner: the least of several runs each, taken in turn. */
export function measureMiniatureSwap(): Promise<SwapResult> {
  return withFolder(async (folder) => {
    const lora = join(folder, 'lora.safetensors');
    await writeLora(lora, { seed: 1, rank: RANK });
    return measure(miniature, lora, folder, 5);
  });
}

/** Of SDXL's base at its real size, with weights that are all zero in files that take no room. */
export function measureFullSizeSwap(): Promise<SwapResult> {
  return withFolder(async (folder) => {
    const [base, lora] = [join(folder, 'base.safetensors'), join(folder, 'lora.safetensors')];
    await writeZeros(base, JSON.parse(await readFile(join(fixtures, 'base.single-file.json'), 'utf8')));
    const { base: expert } = await openModel({ base, refiner: null }, optionsFor(folder));
    const { checkpoint } = expert.networks;
    const encoders = checkpoint.kind === 'base' ? { text_encoder: checkpoint.textEncoder } : {};
    const parts = { unet: checkpoint.unet, ...encoders, text_encoder_2: checkpoint.textEncoder2 };
    const shapes = Object.entries(parts).flatMap(([name, { weights }]) => loraShapes(name, weights));
    await writeZeros(lora, Object.fromEntries(shapes));
    return measure({ base, refiner: null }, lora, folder, 2);
  });
}

function writeZeros(path: string, shapes: Readonly<Record<string, readonly number[]>>): Promise<void> {
  return writeSparse(
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

async function measure(source: PlainSource, lora: string, folder: string, repeats: number): Promise<SwapResult> {
  const options = optionsFor(folder);
  const warmUp = await openModel(source, options);
  await makeReady(warmUp);
  await warmUp.release();
  const [reloads, swaps]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const [plain, reload] = await timed(() => openModel(source, options));
    const [adapted, swap] = await timed(() => adaptModel(plain, [{ path: lora, weight: 1 - repeat / 10 }], options));
    reloads.push(reload);
    swaps.push(swap);
    await adapted.release();
    await plain.release();
  }
  return { reloadSeconds: Math.min(...reloads), swapSeconds: Math.min(...swaps) };
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

function optionsFor(cacheFolder: string): NetworkOptions {
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

// As a program it prints its figures as JSON: node --import tsx tools/bench/lora-swap.ts [full-size]
if (process.argv[1] === import.meta.filename) {
  const measureOne = process.argv[2] === 'full-size' ? measureFullSizeSwap : measureMiniatureSwap;
  console.log(JSON.stringify(await measureOne()));
}
