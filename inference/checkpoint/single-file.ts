import type { Checkpoint, Component } from './checkpoint.ts';
import { usualClipNames } from './clip-names.ts';
import type { PredictionType, TextEncoderConfig, UnetConfig, VaeConfig } from './configuration.ts';
import { CheckpointError, UnsupportedModelError } from './errors.ts';
import { identify } from './identify.ts';
import { inferTextEncoderConfig, inferUnetConfig, inferVaeConfig } from './infer-configuration.ts';
import { inferSchedule, readLatentStatistics } from './noise-schedule.ts';
import { transformersClipNames } from './open-clip-names.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import type { SafetensorsHeader } from './safetensors-header.ts';
import { splitParts } from './single-file-parts.ts';
import { readClipTokenizers } from './tokenizer-files.ts';
import { originalUnetModules, renameByModule } from './unet-names.ts';
import { diffusersVaeNames, modernVaeNames } from './vae-names.ts';
import type { StoredTensor, Weights } from './weights.ts';

/** What a single file does not say, where it is not SDXL's own. */
export interface SingleFileOptions {
  readonly predictionType?: PredictionType;
  readonly configurations?: {
    readonly unet?: UnetConfig;
    readonly vae?: VaeConfig;
    readonly textEncoder?: TextEncoderConfig;
    readonly textEncoder2?: TextEncoderConfig;
  };
  /** An autoencoder in place of the file's own, or for a file that has none. */
  readonly vae?: Component<VaeConfig>;
}

/**
 * Opens a base or refiner in the original single-file layout. Nothing is copied: the parameters are the file's own
 * bytes under diffusers' names; what no network needs is passed over (see `surplus.ts`). Throws CheckpointError, and
 * UnsupportedModelError for a file that is something else.
 */
export async function openSingleFile(path: string, options: SingleFileOptions = {}): Promise<Checkpoint> {
  const header = await readSafetensorsHeader(path);
  const kind = checkpointKind(header, path);
  const parts = splitParts(header, kind);
  const { configurations = {} } = options;

  const openClip = requireEncoder(transformersClipNames(parts.openClip), 'second text encoder (OpenCLIP)', path);
  const textEncoder2: Component<TextEncoderConfig> = {
    weights: openClip,
    config: configurations.textEncoder2 ?? inferTextEncoderConfig({ path, weights: openClip }, 'gelu'),
  };

  const unetConfig =
    configurations.unet ?? inferUnetConfig({ path, weights: parts.unet }, kind, textEncoder2.config.projectionDim);
  const unet = { config: unetConfig, weights: renameUnet(parts.unet, unetConfig) };

  const { tokenizer, tokenizer2 } = await readClipTokenizers();
  const common = {
    path,
    unet,
    vae: options.vae ?? (await vaeOf(header, parts.vae, configurations.vae, path)),
    textEncoder2,
    tokenizer2,
    scheduler: await inferSchedule(header, options.predictionType),
    pipeline: { forceZerosForEmptyPrompt: kind === 'base', requiresAestheticsScore: kind === 'refiner' },
  };
  if (kind === 'refiner') return { kind, ...common };
  const clip = requireEncoder(usualClipNames(parts.clip), 'first text encoder (CLIP ViT-L)', path);
  const textEncoder: Component<TextEncoderConfig> = {
    weights: clip,
    config: configurations.textEncoder ?? inferTextEncoderConfig({ path, weights: clip }, 'quick_gelu'),
  };
  return { kind, ...common, textEncoder, tokenizer };
}

/** Opens an autoencoder that is a file by itself, in the original or in diffusers' layout. Throws as `openSingleFile`. */
export async function openVaeFile(path: string, config?: VaeConfig): Promise<Component<VaeConfig>> {
  const header = await readSafetensorsHeader(path);
  const identity = identify(header);
  if (identity.kind !== 'vae') {
    const found = identity.kind === 'other' ? identity.found : `a ${identity.kind}`;
    throw new UnsupportedModelError(path, found, 'An SDXL VAE is needed here.');
  }
  const own = new Map(
    [...header.tensors].map(([name, stored]) => [name.replace(/^first_stage_model\./, ''), stored] as const),
  );
  const weights = own.has('decoder.mid.block_1.conv1.weight') ? diffusersVaeNames(own) : modernVaeNames(own);
  return { weights, config: config ?? inferVaeConfig({ path, weights }) };
}

function checkpointKind(header: SafetensorsHeader, path: string): 'base' | 'refiner' {
  const identity = identify(header);
  switch (identity.kind) {
    case 'base':
    case 'refiner':
      return identity.kind;
    case 'lora':
      throw new UnsupportedModelError(
        path,
        'a LoRA',
        'It changes a model and is not one: name an SDXL checkpoint beside it.',
      );
    case 'vae':
      throw new UnsupportedModelError(path, 'a VAE alone', 'Name an SDXL checkpoint, and this as its VAE.');
    case 'embedding':
      throw new UnsupportedModelError(path, 'a textual inversion embedding', 'Name an SDXL checkpoint beside it.');
    case 'upscaler':
      throw new UnsupportedModelError(path, 'an upscaler', 'Name an SDXL checkpoint to draw with.');
    case 'other':
      throw new UnsupportedModelError(path, identity.found, 'Easel draws with Stable Diffusion XL checkpoints only.');
  }
}

function requireEncoder(weights: Weights, name: string, path: string): Weights {
  if ([...weights.keys()].some((key) => key.startsWith('text_model.'))) return weights;
  throw new CheckpointError(path, `has no ${name}: it was saved without. Get the whole checkpoint`);
}

/** A tensor that has no place keeps its name, so that whoever binds them may see whether it matters. */
function renameUnet(original: Weights, config: UnetConfig): Weights {
  const modules = originalUnetModules(config);
  const weights = new Map<string, StoredTensor>();
  for (const [name, stored] of original) {
    weights.set(renameByModule(name, modules) ?? name, stored);
  }
  return weights;
}

async function vaeOf(
  header: SafetensorsHeader,
  original: Weights,
  configured: VaeConfig | undefined,
  path: string,
): Promise<Component<VaeConfig>> {
  if (original.size === 0) {
    throw new CheckpointError(path, 'has no VAE. Name a VAE file beside it, such as the SDXL VAE in .safetensors');
  }
  const weights = diffusersVaeNames(original);
  const config = configured ?? inferVaeConfig({ path, weights });
  const statistics = await readLatentStatistics(header);
  // Playground's published scale for latents that were normalised by their deviation.
  return { weights, config: statistics ? { ...config, ...statistics, scalingFactor: 0.5 } : config };
}
