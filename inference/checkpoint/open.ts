import { stat } from 'node:fs/promises';
import type { Checkpoint } from './checkpoint.ts';
import { CheckpointError } from './errors.ts';
import { openFolder } from './folder.ts';

/** What a person may say about a checkpoint that its files do not. */
export interface OpenOptions {
  /** Which of a folder's files to take where there are several, such as "fp16". */
  readonly variant?: string;
}

/**
 * Opens a base or refiner checkpoint: a diffusers folder. Reads headers and configurations only. Throws
 * CheckpointError, which says what is wrong with which file.
 */
export async function openCheckpoint(path: string, options: OpenOptions = {}): Promise<Checkpoint> {
  if (!(await isFolder(path))) throw new CheckpointError(path, 'is not a folder in diffusers layout');
  return openFolder(path, options.variant);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new CheckpointError(path, 'there is no such file or folder', { cause: error });
  }
}
