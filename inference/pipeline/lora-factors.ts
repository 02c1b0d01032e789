import type { LowRankAdapter } from '../checkpoint/adapter.ts';
import { readTensors } from '../checkpoint/safetensors.ts';
import { type AppliedAdapter, isLowRank } from '../graph/adapters.ts';
import { branchInputs, isMatrix, leastRank, type OpenBranch, type OpenLayers } from '../graph/open-branch.ts';
import { sizeOf, type Tensor } from '../tensor.ts';

/** What a layer's branch is fed: all its LoRAs side by side as one of their ranks together. */
export interface Factors {
  /** [rank, in] or [rank, in, k, k] */
  readonly down: Tensor;
  /** [out, rank] or [out, rank, 1, 1], strength and scale included. */
  readonly up: Tensor;
}

/** By the layer's path. */
export type LoraFactors = ReadonlyMap<string, Factors>;

export const NO_LORAS: LoraFactors = new Map();

type Applied = AppliedAdapter<LowRankAdapter>;

/** Rows are looked up in these rather than multiplied: they have no branch. */
const TABLE = /_embedding$/;

/** Whether these may be fed to open branches: the kinds that are not of low rank need the whole change of the weight. */
export function canBeFed(applied: readonly AppliedAdapter[]): applied is readonly Applied[] {
  return applied.every((one) => isLowRank(one) && !TABLE.test(one.adapter.module));
}

/** The layers that must be open for these. */
export function openLayersFor(applied: readonly Applied[]): OpenLayers {
  return applied.every(({ adapter }) => isMatrix(adapter.shape)) ? 'linear' : 'all';
}

/** Reads LoRAs into memory, in float32. Rejects with a CheckpointError. */
export async function readFactors(applied: readonly Applied[]): Promise<LoraFactors> {
  const tensors = await readTensors(applied.flatMap(({ adapter }) => [adapter.down, adapter.up]));
  const byModule = new Map<string, Read[]>();
  for (const [index, lora] of applied.entries()) {
    const [down, up] = [tensors[2 * index]?.data, tensors[2 * index + 1]?.data];
    if (down === undefined || up === undefined) throw new RangeError('As many tensors are read as are asked for.');
    const { module } = lora.adapter;
    byModule.set(module, [...(byModule.get(module) ?? []), { ...lora, rank: rankOf(lora.adapter), down, up }]);
  }
  return new Map([...byModule].map(([module, loras]) => [module, sideBySide(loras)]));
}

/** What `readFactors` will take in memory. */
export function factorBytes(applied: readonly Applied[]): number {
  const values = applied.map(({ adapter: { down, up } }) => sizeOf(down.shape) + sizeOf(up.shape));
  return Float32Array.BYTES_PER_ELEMENT * values.reduce((sum, count) => sum + count, 0);
}

/** The inputs of a graph's open branches; one that no LoRA is for gets factors that add nothing. */
export function branchFeeds(branches: readonly OpenBranch[], factors: LoraFactors): Readonly<Record<string, Tensor>> {
  const feeds = branches.flatMap((branch) => {
    const { module, shape } = branch;
    const { down, up } = factors.get(module) ?? ofRank(leastRank(branch), shape);
    const names = branchInputs(module);
    return [[names.down, down] as const, [names.up, up] as const];
  });
  return Object.fromEntries(feeds);
}

interface Read extends Applied {
  readonly rank: number;
  readonly down: Float32Array;
  readonly up: Float32Array;
}

function rankOf({ down }: LowRankAdapter): number {
  return down.shape[0] ?? 0;
}

function sideBySide(loras: readonly Read[]): Factors {
  const rank = loras.reduce((sum, lora) => sum + lora.rank, 0);
  const { down, up } = ofRank(rank, loras[0]?.adapter.shape ?? []);
  let column = 0;
  for (const lora of loras) {
    const factor = lora.adapter.scale * lora.strength;
    down.data.set(lora.down, (column * down.data.length) / rank);
    for (let row = 0; row * lora.rank < lora.up.length; row++) {
      for (let own = 0; own < lora.rank; own++) {
        up.data[row * rank + column + own] = (lora.up[row * lora.rank + own] ?? 0) * factor;
      }
    }
    column += lora.rank;
  }
  return { down, up };
}

/** Zeros for a weight of this shape. */
function ofRank(rank: number, [outputs = 1, ...inputs]: readonly number[]): Factors {
  const shapes = { down: [rank, ...inputs], up: [outputs, rank, ...inputs.slice(1).map(() => 1)] };
  return { down: zeros(shapes.down), up: zeros(shapes.up) };
}

function zeros(shape: readonly number[]): Tensor {
  return { shape, data: new Float32Array(sizeOf(shape)) };
}
