import { stat } from 'node:fs/promises';
import { sizeOf } from '../tensor.ts';
import { describeAdapter } from './adapter-kinds.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { SchedulerConfig } from './configuration.ts';
import { CheckpointError } from './errors.ts';
import { openFolder } from './folder.ts';
import { type Identity, identify } from './identify.ts';
import { inferSchedule } from './noise-schedule.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import type { SafetensorsHeader } from './safetensors-header.ts';
import { splitParts } from './single-file-parts.ts';
import type { Dtype, StoredTensor, Weights } from './weights.ts';

/** What a model file or folder is, as plain JSON data for a person to read. */
export interface Inspection {
  readonly path: string;
  readonly layout: 'folder' | 'file';
  readonly kind: Identity['kind'];
  /** One phrase, such as "an SDXL base checkpoint". */
  readonly description: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly parts: readonly PartInspection[];
  /** How the model was trained to predict; null for what is no checkpoint. */
  readonly predictionType: SchedulerConfig['predictionType'] | null;
  readonly zeroTerminalSnr: boolean;
  readonly edm: boolean;
  /** Height and width in pixels that the model was trained for, where the files say so. */
  readonly nativeSize: number | null;
  readonly tokenizer: { readonly vocabulary: number; readonly modelMaxLength: number } | null;
  /** What the file says of itself, the longest texts cut. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One network of a model. */
export interface PartInspection {
  readonly name: string;
  readonly parameters: number;
  readonly bytes: number;
  /** Parameters by element type. */
  readonly dtypes: Readonly<Partial<Record<Dtype, number>>>;
}

const DESCRIPTIONS: Readonly<Record<Exclude<Identity['kind'], 'other'>, string>> = {
  base: 'an SDXL base checkpoint',
  refiner: 'an SDXL refiner checkpoint',
  vae: 'a VAE',
  lora: 'a LoRA',
  embedding: 'a textual inversion embedding',
  upscaler: 'an upscaler',
};

/** Tells what a file or folder is without opening it as a model. Throws CheckpointError if it cannot be read at all. */
export async function inspectCheckpoint(path: string): Promise<Inspection> {
  const status = await stat(path).catch((error) => {
    throw new CheckpointError(path, 'there is no such file or folder', { cause: error });
  });
  return status.isDirectory() ? inspectFolder(path, await openFolder(path)) : inspectFile(path);
}

function inspectFolder(path: string, checkpoint: Checkpoint): Inspection {
  const { kind, scheduler, tokenizer2 } = checkpoint;
  const parts = [
    inspectPart('unet', checkpoint.unet.weights),
    ...(checkpoint.kind === 'base' ? [inspectPart('text_encoder', checkpoint.textEncoder.weights)] : []),
    inspectPart('text_encoder_2', checkpoint.textEncoder2.weights),
    inspectPart('vae', checkpoint.vae.weights),
  ];
  return {
    path,
    layout: 'folder',
    kind,
    description: DESCRIPTIONS[kind],
    ...total(parts),
    parts,
    ...schedule(scheduler),
    nativeSize: checkpoint.unet.config.sampleSize * 2 ** (checkpoint.vae.config.blockOutChannels.length - 1),
    tokenizer: { vocabulary: tokenizer2.vocabulary.size, modelMaxLength: tokenizer2.config.modelMaxLength },
    metadata: {},
  };
}

async function inspectFile(path: string): Promise<Inspection> {
  const header = await readSafetensorsHeader(path);
  const identity = identify(header);
  const isCheckpoint = identity.kind === 'base' || identity.kind === 'refiner';
  const parts = isCheckpoint ? checkpointParts(header, identity.kind) : [inspectPart('file', header.tensors)];
  return {
    path,
    layout: 'file',
    kind: identity.kind,
    description: descriptionOf(identity, header),
    ...total(parts),
    parts,
    ...schedule(isCheckpoint ? await inferSchedule(header) : null),
    nativeSize: null,
    tokenizer: null,
    metadata: Object.fromEntries([...header.metadata].map(([key, text]) => [key, shorten(text)])),
  };
}

function descriptionOf(identity: Identity, { tensors }: SafetensorsHeader): string {
  if (identity.kind === 'other') return identity.found;
  return identity.kind === 'lora' ? describeAdapter([...tensors.keys()]) : DESCRIPTIONS[identity.kind];
}

function checkpointParts(header: SafetensorsHeader, kind: 'base' | 'refiner'): readonly PartInspection[] {
  const parts = splitParts(header, kind);
  const named: [string, Weights][] = [
    ['unet', parts.unet],
    ['text_encoder', parts.clip],
    ['text_encoder_2', parts.openClip],
    ['vae', parts.vae],
    ['unknown', parts.unknown],
  ];
  return named.filter(([, weights]) => weights.size > 0).map(([name, weights]) => inspectPart(name, weights));
}

function inspectPart(name: string, weights: Weights): PartInspection {
  const dtypes: Partial<Record<Dtype, number>> = {};
  for (const { dtype, shape } of weights.values()) dtypes[dtype] = (dtypes[dtype] ?? 0) + sizeOf(shape);
  const stored: StoredTensor[] = [...weights.values()];
  return {
    name,
    parameters: stored.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    bytes: stored.reduce((sum, { byteLength }) => sum + byteLength, 0),
    dtypes,
  };
}

function total(parts: readonly PartInspection[]): { parameters: number; bytes: number } {
  return {
    parameters: parts.reduce((sum, part) => sum + part.parameters, 0),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
  };
}

function schedule(config: SchedulerConfig | null): Pick<Inspection, 'predictionType' | 'zeroTerminalSnr' | 'edm'> {
  return {
    predictionType: config?.predictionType ?? null,
    zeroTerminalSnr: config?.rescaleBetasZeroSnr ?? false,
    edm: config?.edm != null,
  };
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
