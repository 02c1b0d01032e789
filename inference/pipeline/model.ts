import type { ModelSource } from '../../commands/engine.ts';
import { EngineError } from '../../commands/engine.ts';
import { openCheckpoint } from '../checkpoint/open.ts';
import { createNetworks, type NetworkOptions, type Networks } from './networks.ts';
import { createTextPipeline, type TextPipeline } from './text.ts';

/** One checkpoint ready to draw: its networks and its reader of prompts. */
export interface Expert {
  readonly networks: Networks;
  readonly text: TextPipeline;
}

/** A base and, where there is one, the refiner that takes the last steps: SDXL's "ensemble of expert denoisers". */
export interface Model {
  readonly source: ModelSource;
  readonly base: Expert;
  readonly refiner: Expert | null;
  release(): Promise<void>;
}

/**
 * Opens a model's files. Reads headers and configurations only: weights are mapped when a network is first used.
 * Rejects with a CheckpointError, or an EngineError where a refiner stands for a base or a base for a refiner.
 */
export async function openModel(source: ModelSource, options: NetworkOptions): Promise<Model> {
  const base = await openExpert(source.base, 'base', options);
  const refiner = source.refiner === null ? null : await openExpert(source.refiner, 'refiner', options);
  return {
    source,
    base,
    refiner,
    async release() {
      await base.networks.release();
      await refiner?.networks.release();
    },
  };
}

async function openExpert(path: string, kind: 'base' | 'refiner', options: NetworkOptions): Promise<Expert> {
  const checkpoint = await openCheckpoint(path);
  if (checkpoint.kind !== kind) {
    throw new EngineError('checkpoint', `${path}: this is an SDXL ${checkpoint.kind}, but a ${kind} is needed here.`);
  }
  const networks = createNetworks(checkpoint, options);
  return { networks, text: createTextPipeline(networks) };
}
