import type { ModelAccess } from '../config/index.ts';
import type { PictureNote } from './picture-note.ts';
import type { Recipe } from './recipe.ts';

/**
 * The contract between the bot and the process that owns ONNX Runtime. The bot forks `inference/engine/main.ts` and
 * speaks these messages over Node's IPC channel with advanced serialisation, so byte arrays cross as they are.
 */

/** Where a model's weights lie: absolute paths of diffusers folders or single `.safetensors` files. */
export interface ModelSource {
  readonly base: string;
  readonly refiner: string | null;
  /** A VAE that replaces the checkpoint's own. */
  readonly vae?: string;
  /** How the base was trained to predict, set by hand where its files do not say it. */
  readonly predictionType?: 'epsilon' | 'v_prediction' | 'sample';
  readonly loras?: readonly { readonly path: string; readonly weight: number }[];
}

/** Equal for equal files, whatever the LoRAs. */
export function modelKey({ base, refiner, vae, predictionType }: ModelSource): string {
  return JSON.stringify([base, refiner, vae ?? null, predictionType ?? null]);
}

/** An embedding's file and the name that stands for it in the prompts. */
export interface EmbeddingSource {
  readonly name: string;
  readonly path: string;
}

export type Provider = 'cpu' | 'cuda' | 'webgpu';

/**
 * What networks compute in: exactly, or on a CPU with their linear layers or all their large layers in 8-bit integers,
 * which is faster and takes a quarter of the memory.
 */
export const ARITHMETICS = ['float32', 'int8-linear', 'int8'] as const;
export type Arithmetic = (typeof ARITHMETICS)[number];
/** auto: float32 for small networks, and for full-size ones what this machine was measured to be fastest in. */
export type ArithmeticSetting = Arithmetic | 'auto';

/** One picture to make. Byte arrays are encoded pictures (PNG, JPEG, WebP) unless said otherwise. */
export type EngineTask =
  | {
      readonly kind: 'draw';
      readonly model: ModelSource;
      readonly recipe: Recipe;
      /** The start picture, where the recipe has `init`. */
      readonly init?: Uint8Array;
      readonly mask?: Uint8Array;
      /** Those of the recipe. */
      readonly embeddings?: readonly EmbeddingSource[];
      /** Keep the latent at this share of the steps, so that a later refine runs only the tail. */
      readonly handoffAt: number | null;
    }
  | {
      readonly kind: 'refine';
      readonly model: ModelSource;
      readonly recipe: Recipe;
      readonly embeddings?: readonly EmbeddingSource[];
      /** The hand-off blob of an earlier draw, or (where there is none) its finished picture. */
      readonly from: { readonly handoff: Uint8Array } | { readonly picture: Uint8Array; readonly strength: number };
      /** As they were drawn from, where the recipe has them. */
      readonly init?: Uint8Array;
      readonly mask?: Uint8Array;
    }
  | {
      readonly kind: 'upscale';
      readonly recipe: Recipe;
      readonly picture: Uint8Array;
      /** The absolute path of a network's `.safetensors`, where the recipe's method is not one that comes with Easel. */
      readonly upscaler?: string;
      /** What draws the detail, where the recipe asks for it. */
      readonly model?: ModelSource;
      readonly embeddings?: readonly EmbeddingSource[];
    };

/** What a worker does for a picture, in the usual order. */
export const stages = ['loading', 'encoding', 'drawing', 'refining', 'decoding', 'upscaling'] as const;
export type Stage = (typeof stages)[number];

export interface EngineProgress {
  readonly stage: Stage;
  /** Steps done and to do over base and refiner together. */
  readonly step: number;
  readonly steps: number;
  /** A small JPEG of the picture as it is now; absent where the stage has none. */
  readonly preview?: Uint8Array;
}

/** What a picture classifier says of a picture: one of its labels, and how sure it is, 0 to 1. */
export interface ImageLabel {
  readonly label: string;
  readonly score: number;
}

export interface EngineResult {
  /** PNG with the recipe in its metadata. */
  readonly picture: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** safetensors: the base's latent where the refiner takes over, and the sampler's place. */
  readonly handoff: Uint8Array | null;
  /** This task's share of the engine's time: a batched step counts divided by the batch's size. */
  readonly computeSeconds: number;
  readonly timings: Readonly<Partial<Record<Stage, number>>>;
  readonly notes: readonly PictureNote[];
  /** What the model was computed in; absent where none was. */
  readonly arithmetic?: Arithmetic;
  /** Of the picture classifier, where there is one. */
  readonly labels?: readonly ImageLabel[];
}

export type EngineErrorCode =
  | 'cancelled'
  | 'invalid'
  | 'checkpoint'
  | 'out_of_memory'
  | 'provider'
  | 'not_finite'
  | 'deadline'
  | 'crashed'
  | 'internal';

/** Why a task ended without a picture; the message is one line for a person, naming the thing and the fix. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  /** What it is about, as people call it; undefined: nothing in particular. */
  readonly subject: string | undefined;

  constructor(code: EngineErrorCode, message: string, subject?: string) {
    super(message);
    this.name = 'EngineError';
    this.code = code;
    this.subject = subject;
  }
}

export interface SizeBucket {
  readonly width: number;
  readonly height: number;
}

/** What a model is and does best; the bot fills recipes from it and refuses what it cannot do. */
export interface ModelDescription {
  readonly name: string;
  /** SHA-256 over the weights, lower-case hexadecimal. */
  readonly hash: string;
  /** Of all its files, the refiner's too. */
  readonly bytes: number;
  /** As the model's card or file names it. */
  readonly licence: string | null;
  /** Who may draw with it; null: everyone. */
  readonly allow: ModelAccess | null;
  readonly refiner: { readonly name: string; readonly hash: string } | null;
  readonly predictionType: 'epsilon' | 'v_prediction' | 'sample' | 'edm';
  /** The side of the square that it was trained on, in pixels. */
  readonly nativeSize: number;
  readonly buckets: readonly SizeBucket[];
  readonly samplers: readonly string[];
  /** How many of a prompt's tokens it reads; what is beyond is left out, with a note. */
  readonly tokenLimit: number;
  /** What its worker computes it in; absent where an older one does not say. */
  readonly arithmetic?: Arithmetic;
  readonly defaults: {
    readonly sampler: string;
    readonly steps: number;
    readonly guidance: number;
    readonly guidanceRescale: number;
    readonly refine: number | null;
    /** The strength of what is drawn around a picture, where the model's card says so. */
    readonly outpaint?: number;
  };
}

/** What goes with a model: LoRAs change its weights, embeddings are vectors that stand in the place of words. */
export type ExtraKind = 'lora' | 'embedding';

export interface ExtraDescription {
  /** SHA-256 of the file. */
  readonly hash: string;
  /** For each model that was asked about: why it does not go with that one, or null. */
  readonly misfits: readonly (string | null)[];
  /** The kind of adapter that it is, where that is none that can be drawn with: `DoRA`. */
  readonly unread?: string;
}

export interface ProviderReport {
  readonly provider: Provider;
  readonly available: boolean;
  /** Why not, and the command that fixes it. */
  readonly reason?: string;
}

/** What full-size networks compute in, and why. */
export interface ArithmeticReport {
  readonly chosen: Arithmetic;
  /** How many times as fast as in float32 the measured layers are in 8-bit integers; null where nothing was measured. */
  readonly gains: {
    readonly linear: number;
    readonly convolution: number;
    /** Of the two as a UNet has them, in what was chosen. */
    readonly chosen: number;
    /** ISO 8601 */
    readonly measured: string;
  } | null;
}

export interface EngineReport {
  readonly arithmetic: ArithmeticReport;
  readonly runtime: string;
  readonly providers: readonly ProviderReport[];
  readonly threads: number;
  readonly residentBytes: number;
}

export type EngineRequest =
  | { readonly type: 'run'; readonly id: number; readonly task: EngineTask }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'describe'; readonly id: number; readonly model: ModelSource }
  | { readonly type: 'forget'; readonly id: number; readonly model: ModelSource }
  | {
      readonly type: 'describe extra';
      readonly id: number;
      readonly kind: ExtraKind;
      readonly path: string;
      readonly models: readonly ModelSource[];
    }
  | { readonly type: 'inspect'; readonly id: number; readonly path: string }
  | { readonly type: 'probe'; readonly id: number }
  | { readonly type: 'shutdown' };

export type EngineEvent =
  | { readonly type: 'ready' }
  /** Now and then while its event loop turns, whatever it does. */
  | { readonly type: 'alive' }
  /** All whose networks are in memory now. */
  | { readonly type: 'loaded'; readonly models: readonly ModelSource[] }
  | { readonly type: 'progress'; readonly id: number; readonly progress: EngineProgress }
  | { readonly type: 'done'; readonly id: number; readonly result: EngineResult }
  | { readonly type: 'described'; readonly id: number; readonly description: ModelDescription }
  | { readonly type: 'forgotten'; readonly id: number }
  | { readonly type: 'extra described'; readonly id: number; readonly description: ExtraDescription }
  | { readonly type: 'inspected'; readonly id: number; readonly report: Readonly<Record<string, unknown>> }
  | { readonly type: 'probed'; readonly id: number; readonly report: EngineReport }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: EngineErrorCode;
      readonly message: string;
      readonly subject?: string;
    };

/** How the engine process is started; sent as its one JSON argument. */
export interface EngineSettings {
  readonly provider: Provider;
  /** Threads of ONNX Runtime; 0: as many as cores. */
  readonly threads: number;
  /** Absent: auto. */
  readonly arithmetic?: ArithmeticSetting;
  /** How many pictures may share a step. */
  readonly maxBatch: number;
  /** A folder for hashes and measurements that are worth keeping. */
  readonly cacheFolder: string;
  /** Bytes that models may take in memory; absent: three quarters of the machine's. */
  readonly memoryLimit?: number | undefined;
  readonly previews: boolean;
  /** Looks at every finished picture. */
  readonly classifier?: ClassifierSource;
}

/** An image classifier's folder, and labels that it must have because rules name them. */
export interface ClassifierSource {
  readonly folder: string;
  readonly labels: readonly string[];
}

export interface RunOptions {
  readonly onProgress?: (progress: EngineProgress) => void;
  readonly signal?: AbortSignal;
  /** The engine is killed when a task takes longer. */
  readonly deadlineSeconds?: number;
}

/** What the bot holds: tasks in, pictures out. Every method rejects with an `EngineError`. */
export interface Engine {
  run(task: EngineTask, options?: RunOptions): Promise<EngineResult>;
  describe(model: ModelSource): Promise<ModelDescription>;
  /** A model's files have changed or gone: what is in memory of it is released, and its next use opens it anew. */
  forget(model: ModelSource): Promise<void>;
  /** Whether the model's networks are in memory, so that drawing with it need not load them. */
  isLoaded(model: ModelSource): boolean;
  /** Of a LoRA's or an embedding's file: what it is and which of these models it goes with. */
  describeExtra(kind: ExtraKind, path: string, models: readonly ModelSource[]): Promise<ExtraDescription>;
  inspect(path: string): Promise<Readonly<Record<string, unknown>>>;
  probe(): Promise<EngineReport>;
  close(): Promise<void>;
}
