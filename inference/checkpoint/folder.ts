import { basename, join } from 'node:path';
import type { Checkpoint, Component } from './checkpoint.ts';
import { usualClipNames } from './clip-names.ts';
import type { TextEncoderConfig, UnetConfig, VaeConfig } from './configuration.ts';
import { CheckpointError, UnsupportedModelError } from './errors.ts';
import { parseTextEncoderConfig, parseUnetConfig, parseVaeConfig } from './parse-model-configuration.ts';
import { type PipelineIndex, parsePipelineIndex, parseSchedulerConfig } from './parse-pipeline-configuration.ts';
import { readJson } from './read-json.ts';
import { readTokenizer, type TokenizerFiles } from './tokenizer-files.ts';
import { modernVaeNames } from './vae-names.ts';
import type { Weights } from './weights.ts';
import { readWeights } from './weights-files.ts';

/**
 * Opens a diffusers pipeline folder. `variant` ("fp16") chooses among a part's files where there are several; without
 * it the full-precision file is taken, or else the fp16 one. Throws CheckpointError.
 */
export async function openFolder(path: string, variant?: string): Promise<Checkpoint> {
  const indexPath = join(path, 'model_index.json');
  const index = parsePipelineIndex(await readJson(indexPath), indexPath);
  checkPipeline(path, index);
  const schedulerPath = join(path, 'scheduler', 'scheduler_config.json');
  const [unet, vae, textEncoder2, tokenizer2, schedulerFile] = await Promise.all([
    readUnet(join(path, 'unet'), variant),
    readVae(join(path, 'vae'), variant),
    readTextEncoder(join(path, 'text_encoder_2'), variant),
    readTokenizer(join(path, 'tokenizer_2')),
    readJson(schedulerPath),
  ]);
  checkTokenizer(join(path, 'tokenizer_2'), tokenizer2, textEncoder2.config);
  const scheduler = parseSchedulerConfig(schedulerFile, schedulerPath);
  const common = { path, unet, vae, textEncoder2, tokenizer2, scheduler, pipeline: index.pipeline };
  if (!index.hasTextEncoder) return { kind: 'refiner', ...common };
  const [textEncoder, tokenizer] = await Promise.all([
    readTextEncoder(join(path, 'text_encoder'), variant),
    readTokenizer(join(path, 'tokenizer')),
  ]);
  checkTokenizer(join(path, 'tokenizer'), tokenizer, textEncoder.config);
  return { kind: 'base', ...common, textEncoder, tokenizer };
}

/** Reads a `unet/` folder. */
export async function readUnet(folder: string, variant?: string): Promise<Component<UnetConfig>> {
  const path = join(folder, 'config.json');
  const config = parseUnetConfig(await readJson(path), path);
  return { config, weights: await readWeights(folder, 'diffusion_pytorch_model', variant) };
}

/** Reads a `vae/` folder. */
export async function readVae(folder: string, variant?: string): Promise<Component<VaeConfig>> {
  const path = join(folder, 'config.json');
  const config = parseVaeConfig(await readJson(path), path);
  return { config, weights: modernVaeNames(await readWeights(folder, 'diffusion_pytorch_model', variant)) };
}

/** Reads a `text_encoder/` or `text_encoder_2/` folder. */
export async function readTextEncoder(folder: string, variant?: string): Promise<Component<TextEncoderConfig>> {
  const path = join(folder, 'config.json');
  const config = parseTextEncoderConfig(await readJson(path), path);
  return { config, weights: withoutPositionIds(usualClipNames(await readWeights(folder, 'model', variant))) };
}

/** Transformers before 4.31 stored the numbers 0 ... 76 among the parameters. */
function withoutPositionIds(weights: Weights): Weights {
  return new Map([...weights].filter(([name]) => name !== 'text_model.embeddings.position_ids'));
}

/** Every id that a tokenizer may give, and as many of them as it gives, must have a row in its encoder's tables. */
function checkTokenizer(path: string, { config, vocabulary }: TokenizerFiles, encoder: TextEncoderConfig): void {
  const tooLarge = [...vocabulary].find(([, id]) => id >= encoder.vocabSize);
  if (tooLarge) {
    const [token, id] = tooLarge;
    throw new CheckpointError(
      path,
      `token ${JSON.stringify(token)} has id ${id}, but its encoder knows ${encoder.vocabSize}`,
    );
  }
  if (config.modelMaxLength < 3 || config.modelMaxLength > encoder.maxPositionEmbeddings) {
    throw new CheckpointError(
      path,
      `model_max_length is ${config.modelMaxLength}, but its encoder reads ${encoder.maxPositionEmbeddings} tokens`,
    );
  }
}

function checkPipeline(path: string, { className }: PipelineIndex): void {
  if (className.startsWith('StableDiffusionXL')) return;
  throw new UnsupportedModelError(
    path,
    `a ${className.slice(0, 80)} folder`,
    `Easel draws with Stable Diffusion XL only; ${basename(path)} needs another program.`,
  );
}
