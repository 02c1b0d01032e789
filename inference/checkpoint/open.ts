import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint, Component } from './checkpoint.ts';
import type { VaeConfig } from './configuration.ts';
import { CheckpointError } from './errors.ts';
import { openFolder, readVae } from './folder.ts';
import { openSingleFile, openVaeFile, type SingleFileOptions } from './single-file.ts';

/** What a person may say about a checkpoint that its files do not. */
export interface OpenOptions extends Omit<SingleFileOptions, 'vae'> {
  /** Which of a folder's files to take where there are several, such as "fp16". */
  readonly variant?: string;
  /** A VAE to use instead of the checkpoint's own: a file, or a diffusers folder. */
  readonly vaePath?: string;
}

/**
 * Opens a base or refiner checkpoint: a diffusers folder, or a single file in the original layout. Reads headers and
 * configurations only, and leaves the weights where they are. Throws CheckpointError, which says what is wrong with
 * which file, and UnsupportedModelError for what is no SDXL checkpoint.
 */
export async function openCheckpoint(path: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const { variant, vaePath, ...singleFile } = options;
  const vae = vaePath === undefined ? undefined : await openVae(vaePath, variant);
  if (!(await isFolder(path))) return openSingleFile(path, { ...singleFile, ...(vae && { vae }) });
  const checkpoint = await openFolder(path, variant);
  const predictionType = options.predictionType ?? checkpoint.scheduler.predictionType;
  return { ...checkpoint, scheduler: { ...checkpoint.scheduler, predictionType }, ...(vae && { vae }) };
}

async function openVae(path: string, variant: string | undefined): Promise<Component<VaeConfig>> {
  if (!(await isFolder(path))) return openVaeFile(path);
  // A whole pipeline's folder will do for its VAE.
  const folder = (await isFolderIfAny(join(path, 'vae'))) ? join(path, 'vae') : path;
  return readVae(folder, variant);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new CheckpointError(path, 'there is no such file or folder', { cause: error });
  }
}

async function isFolderIfAny(path: string): Promise<boolean> {
  return isFolder(path).catch(() => false);
}
