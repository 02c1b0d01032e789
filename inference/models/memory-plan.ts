import type { Weights } from '../checkpoint/weights.ts';
import type { Storage } from '../graph/graph.ts';
import type { SessionOptions } from '../graph/session.ts';
import { sizeOf } from '../tensor.ts';

/** How a network's weights are held on the CPU; see `BuildOptions.storage` and `SessionOptions.memory`. */
export interface MemoryPlan {
  readonly storage: Storage;
  readonly memory: NonNullable<SessionOptions['memory']>;
}

const FLOAT32_BYTES = 4;

/**
 * What share of the machine's memory one network may take in float32. A base, a refiner and their text encoders must
 * fit together, beside the system and the file's own pages.
 */
const SHARE = 1 / 8;

/** In float32 and laid out for speed where that fits well, or else mapped from the file as it is stored. */
export function planMemory(weights: Weights, totalBytes: number): MemoryPlan {
  const parameters = [...weights.values()].reduce((total, { shape }) => total + sizeOf(shape), 0);
  return parameters * FLOAT32_BYTES <= totalBytes * SHARE
    ? { storage: 'fp32', memory: 'fast' }
    : { storage: 'stored', memory: 'lean' };
}
