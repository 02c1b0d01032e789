import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { CheckpointError } from '../checkpoint/errors.ts';
import type { Weights } from '../checkpoint/weights.ts';
import { WeightsMismatchError } from '../graph/bind-weights.ts';
import { bindTextEncoder } from '../models/clip.ts';
import { bindUnet } from '../models/unet/unet.ts';
import { bindVae } from '../models/vae/vae.ts';

/**
 * Whether a checkpoint can be drawn with, found by building its networks over the headers of its files: a name alone says
 * too little. Throws a CheckpointError that says what it is and what to do.
 */
export function requireDrawable(checkpoint: Checkpoint): void {
  const { path, unet, vae, textEncoder2 } = checkpoint;
  const { inChannels, outChannels } = unet.config;
  const channels = vae.config.latentChannels;
  if (inChannels !== channels || outChannels !== channels)
    throw new CheckpointError(path, wrongChannels(inChannels, channels));
  built(unet.weights, path, () => bindUnet(unet.config, unet.weights));
  built(vae.weights, path, () => bindVae(vae.config, vae.weights));
  const encoders = checkpoint.kind === 'base' ? [checkpoint.textEncoder, textEncoder2] : [textEncoder2];
  for (const { config, weights } of encoders) built(weights, path, () => bindTextEncoder(config, weights));
}

/** A network that is a file of its own is named by that. */
function built(weights: Weights, checkpointPath: string, bind: () => unknown): void {
  try {
    bind();
  } catch (error) {
    if (!(error instanceof WeightsMismatchError)) throw error;
    const file = weights.values().next().value?.file ?? checkpointPath;
    throw new CheckpointError(file.startsWith(checkpointPath) ? checkpointPath : file, error.message, { cause: error });
  }
}

function wrongChannels(given: number, channels: number): string {
  const kind =
    given === 9
      ? 'an inpainting model, which reads the mask beside the picture'
      : given === 8
        ? 'a model that edits pictures by instructions (InstructPix2Pix)'
        : 'a model for another kind of latents';
  return `its UNet takes ${given} channels, not the ${channels} of a picture's latent: ${kind}. Easel draws with the usual SDXL models, and inpaints with them too; use one of these`;
}
