import { CheckpointError } from '../checkpoint/errors.ts';
import type { Inspection } from '../checkpoint/inspect.ts';
import { openCheckpoint } from '../checkpoint/open.ts';
import { openVaeFile } from '../checkpoint/single-file.ts';
import { WeightsMismatchError } from '../graph/bind-weights.ts';
import { bindVae } from '../models/vae/vae.ts';
import type { NetworkOptions } from './networks.ts';
import { requireDrawable } from './require-drawable.ts';
import { openUpscaler } from './upscaler.ts';

/** Why a file of this kind cannot be drawn with, in one line; null: it can, as far as its headers say. */
export async function problemOf(
  path: string,
  kind: Inspection['kind'],
  options: Pick<NetworkOptions, 'provider' | 'threads' | 'device'>,
): Promise<string | null> {
  try {
    await requireUsable(path, kind, options);
    return null;
  } catch (error) {
    if (error instanceof CheckpointError || error instanceof WeightsMismatchError) return error.message;
    throw error;
  }
}

async function requireUsable(
  path: string,
  kind: Inspection['kind'],
  options: Pick<NetworkOptions, 'provider' | 'threads' | 'device'>,
): Promise<void> {
  switch (kind) {
    case 'base':
    case 'refiner':
      return requireDrawable(await openCheckpoint(path));
    case 'vae': {
      const { config, weights } = await openVaeFile(path);
      return void bindVae(config, weights);
    }
    case 'upscaler':
      return void (await openUpscaler(path, options));
    // Whether these fit depends on the model.
    case 'lora':
    case 'embedding':
    case 'other':
      return;
  }
}
