import type { ModelSource } from '../../commands/engine.ts';
import { EngineError } from '../../commands/engine.ts';
import { openLora } from '../checkpoint/lora.ts';
import { openCheckpoint } from '../checkpoint/open.ts';
import type { AppliedAdapter } from '../graph/adapters.ts';
import { createNetworks, type NetworkOptions, type Networks } from './networks.ts';
import { createTextPipeline, type TextPipeline } from './text.ts';

/** One checkpoint ready to draw: its networks and its reader of prompts. */
export interface Expert {
  readonly networks: Networks;
  readonly text: TextPipeline;
}

/** A base and, where there is one, the refiner that takes the last steps: SDXL's "ensemble of expert denoisers". */
export interface Model {
  readonly source: PlainSource;
  readonly base: Expert;
  readonly refiner: Expert | null;
  release(): Promise<void>;
}

/** A model without LoRAs. */
export type PlainSource = Omit<ModelSource, 'loras'>;

/** A LoRA's file and how strongly it is applied. */
export type WeightedLora = NonNullable<ModelSource['loras']>[number];

/**
 * Opens a model's files. Reads headers and configurations only: weights are mapped when a network is first used.
 * Rejects with a CheckpointError, or an EngineError where a refiner stands for a base or a base for a refiner.
 */
export async function openModel(source: PlainSource, options: NetworkOptions): Promise<Model> {
  const open = (path: string, kind: 'base' | 'refiner') => openExpert(path, kind, source.vae, options);
  const base = await open(source.base, 'base');
  const refiner = source.refiner === null ? null : await open(source.refiner, 'refiner');
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

/**
 * A plain model with LoRAs on its base: only the networks that they change are loaded anew, and only those are released
 * with it. Rejects with a CheckpointError for a file that is no LoRA, or one for another kind of model.
 */
export async function adaptModel(
  plain: Model,
  loras: readonly WeightedLora[],
  options: NetworkOptions,
): Promise<Model> {
  const { networks, text } = plain.base;
  const adapters: AppliedAdapter[] = [];
  for (const { path, weight } of loras) {
    const lora = await openLora(path, networks.checkpoint);
    adapters.push(...lora.adapters.map((adapter) => ({ adapter, strength: weight })));
  }
  const adapted = createNetworks(networks.checkpoint, options, { plain: networks, adapters });
  const readsAlike = adapters.every(({ adapter }) => adapter.component === 'unet');
  return {
    source: plain.source,
    base: { networks: adapted, text: readsAlike ? text : createTextPipeline(adapted) },
    refiner: plain.refiner,
    release: () => adapted.release(),
  };
}

async function openExpert(
  path: string,
  kind: 'base' | 'refiner',
  vaePath: string | undefined,
  options: NetworkOptions,
): Promise<Expert> {
  const checkpoint = await openCheckpoint(path, vaePath === undefined ? {} : { vaePath });
  if (checkpoint.kind !== kind) {
    throw new EngineError('checkpoint', `${path}: this is an SDXL ${checkpoint.kind}, but a ${kind} is needed here.`);
  }
  const networks = createNetworks(checkpoint, options);
  return { networks, text: createTextPipeline(networks) };
}
