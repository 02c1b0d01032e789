import { totalmem } from 'node:os';
import type { Weights } from '../checkpoint/weights.ts';
import type { Storage } from '../graph/graph.ts';
import type { SessionOptions } from '../graph/session.ts';
import { sizeOf } from '../tensor.ts';

/** How a network's weights are held on the CPU; see `BuildOptions.storage` and `SessionOptions.memory`. */
export interface MemoryPlan {
  readonly storage: Storage;
  readonly memory: NonNullable<SessionOptions['memory']>;
}

/** Weights stay in their file, where all sessions share them. */
export const MAPPED: MemoryPlan = { storage: 'stored', memory: 'lean' };

const FLOAT32_BYTES = 4;

/**
 * What share of the machine's memory one network may take in float32. A base, a refiner and their text encoders must
 * fit together, beside the system and the file's own pages.
 */
const SHARE = 1 / 8;

/** Of the machine, or of the container that this process is confined to. */
export function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/**
 * In float32 and laid out for speed where that fits well, or else mapped from the file as it is stored.
 * @param integers what is in 8-bit integers besides, a byte each
 */
export function planMemory(weights: Weights, totalBytes: number, integers = 0): MemoryPlan {
  return Math.max(parameterCount(weights) * FLOAT32_BYTES, integers) <= totalBytes * SHARE
    ? { storage: 'fp32', memory: 'fast' }
    : MAPPED;
}

/** Weights that are laid out anew for the kernels are padded, and some kept in both layouts: measured, a quarter more. */
const LAYOUT = 1.25;

/** What a session with these weights takes in memory, about; intermediate results come on top. */
export function residentBytes(weights: Weights, { memory }: MemoryPlan): number {
  if (memory === 'lean') return [...weights.values()].reduce((total, { byteLength }) => total + byteLength, 0);
  return LAYOUT * FLOAT32_BYTES * parameterCount(weights);
}

export function parameterCount(weights: Weights): number {
  return [...weights.values()].reduce((total, { shape }) => total + sizeOf(shape), 0);
}
