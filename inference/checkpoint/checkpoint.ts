import type { PipelineConfig, SchedulerConfig, TextEncoderConfig, UnetConfig, VaeConfig } from './configuration.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';
import type { Weights } from './weights.ts';

/** A network: what it is, and where its parameters lie. */
export interface Component<Config> {
  readonly config: Config;
  readonly weights: Weights;
}

/** SDXL on disk. Nothing of the weights is in memory; their parameters have diffusers' names whatever the file's layout. */
export type Checkpoint = BaseCheckpoint | RefinerCheckpoint;

interface CommonParts {
  /** The folder or file it was opened from. */
  readonly path: string;
  readonly unet: Component<UnetConfig>;
  readonly vae: Component<VaeConfig>;
  /** OpenCLIP bigG in SDXL, whose pooled output is projected. */
  readonly textEncoder2: Component<TextEncoderConfig>;
  readonly tokenizer2: TokenizerFiles;
  readonly scheduler: SchedulerConfig;
  readonly pipeline: PipelineConfig;
}

/** The model that draws from noise. */
export interface BaseCheckpoint extends CommonParts {
  readonly kind: 'base';
  /** CLIP ViT-L in SDXL. */
  readonly textEncoder: Component<TextEncoderConfig>;
  readonly tokenizer: TokenizerFiles;
}

/** The model that draws the last steps; it reads the second text encoder only. */
export interface RefinerCheckpoint extends CommonParts {
  readonly kind: 'refiner';
}
