import type { ModelSource } from '../../commands/engine.ts';
import { EngineError } from '../../commands/engine.ts';
import { openLora } from '../checkpoint/lora.ts';
import { type ModelCard, readModelCard } from '../checkpoint/model-card.ts';
import { type OpenOptions, openCheckpoint } from '../checkpoint/open.ts';
import type { AppliedAdapter } from '../graph/adapters.ts';
import { type ArithmeticOptions, arithmeticFor } from '../quantization/arithmetic.ts';
import { createNetworks, type Networks } from './networks.ts';
import { requireDrawable } from './require-drawable.ts';
import { createTextPipeline, type TextPipeline } from './text.ts';

/** One checkpoint ready to draw: its networks and its reader of prompts. */
export interface Expert {
  readonly networks: Networks;
  readonly text: TextPipeline;
}

/** A base and, where there is one, the refiner that takes the last steps: SDXL's "ensemble of expert denoisers". */
export interface Model {
  readonly source: PlainSource;
  /** What it says of itself. */
  readonly card: ModelCard;
  readonly base: Expert;
  readonly refiner: Expert | null;
  /** What its own networks take in memory when all are ready, about. */
  readonly bytes: number;
  /** Frees that memory; the model can be drawn with again, and then takes it again. */
  release(): Promise<void>;
}

/** A model without LoRAs. */
export type PlainSource = Omit<ModelSource, 'loras'>;

/** A LoRA's file and how strongly it is applied. */
export type WeightedLora = NonNullable<ModelSource['loras']>[number];

/**
 * Opens a model's files; what the source does not name, the model's card may. Reads headers and configurations only:
 * weights are mapped when a network is first used.
 * Rejects with a CheckpointError, or an EngineError where a refiner stands for a base or a base for a refiner.
 */
export async function openModel(source: PlainSource, options: ArithmeticOptions): Promise<Model> {
  const card = await readModelCard(source.base);
  const { refiner: refinerPath = null, vae, predictionType } = { ...card, ...given(source) };
  const vaePath = vae === undefined ? {} : { vaePath: vae };
  const base = await openExpert(source.base, 'base', options, {
    ...vaePath,
    ...(predictionType && { predictionType }),
  });
  const refiner = refinerPath === null ? null : await openExpert(refinerPath, 'refiner', options, vaePath);
  return {
    source,
    card,
    base,
    refiner,
    get bytes() {
      return base.networks.bytes + (refiner?.networks.bytes ?? 0);
    },
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
  options: ArithmeticOptions,
): Promise<Model> {
  const { networks, text } = plain.base;
  const adapters: AppliedAdapter[] = [];
  for (const { path, weight } of loras) {
    const lora = await openLora(path, networks.checkpoint);
    adapters.push(...lora.adapters.map((adapter) => ({ adapter, strength: weight })));
  }
  const adapted = createNetworks(
    networks.checkpoint,
    { ...options, arithmetic: networks.arithmetic },
    { plain: networks, adapters },
  );
  const readsAlike = adapters.every(({ adapter }) => adapter.component === 'unet');
  return {
    source: plain.source,
    card: plain.card,
    base: { networks: adapted, text: readsAlike ? text : createTextPipeline(adapted) },
    refiner: plain.refiner,
    get bytes() {
      return adapted.bytes;
    },
    release: () => adapted.release(),
  };
}

function given({ refiner, vae, predictionType }: PlainSource): Partial<ModelCard> {
  return {
    ...(refiner !== null && { refiner }),
    ...(vae !== undefined && { vae }),
    ...(predictionType !== undefined && { predictionType }),
  };
}

async function openExpert(
  path: string,
  kind: 'base' | 'refiner',
  options: ArithmeticOptions,
  files: Pick<OpenOptions, 'vaePath' | 'predictionType'>,
): Promise<Expert> {
  const checkpoint = await openCheckpoint(path, files);
  if (checkpoint.kind !== kind) {
    throw new EngineError('checkpoint', `${path}: this is an SDXL ${checkpoint.kind}, but a ${kind} is needed here.`);
  }
  requireDrawable(checkpoint);
  const arithmetic = await arithmeticFor(checkpoint.unet.weights, options);
  const networks = createNetworks(checkpoint, { ...options, arithmetic });
  return { networks, text: createTextPipeline(networks) };
}
