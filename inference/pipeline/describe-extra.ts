import { join } from 'node:path';
import type { ExtraDescription, ExtraKind } from '../../commands/engine.ts';
import { unreadAdapterKind } from '../checkpoint/adapter-kinds.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { openEmbedding, requireFittingEmbedding } from '../checkpoint/embedding.ts';
import { CheckpointError, UnsupportedModelError } from '../checkpoint/errors.ts';
import { hashModel } from '../checkpoint/hash.ts';
import { openLora } from '../checkpoint/lora.ts';
import { readSafetensorsHeader } from '../checkpoint/safetensors.ts';
import { HASHES_FILE } from './describe.ts';

/** What a LoRA or an embedding is, and which checkpoints it fits. Throws a CheckpointError where the file is broken or neither. */
export async function describeExtra(
  kind: ExtraKind,
  path: string,
  checkpoints: readonly Checkpoint[],
  cacheFolder: string,
): Promise<ExtraDescription> {
  const misfits = await misfitsOf(kind, path, checkpoints);
  const unread = kind === 'lora' ? unreadAdapterKind((await readSafetensorsHeader(path)).tensors.keys()) : undefined;
  const hash = await hashModel(path, join(cacheFolder, HASHES_FILE));
  return { hash, misfits, ...(unread !== undefined && { unread }) };
}

async function misfitsOf(kind: ExtraKind, path: string, checkpoints: readonly Checkpoint[]) {
  if (kind === 'lora') {
    // A broken file fits none, and that is not for want of another model.
    await readSafetensorsHeader(path);
    return Promise.all(checkpoints.map((checkpoint) => misfit(() => openLora(path, checkpoint))));
  }
  const embedding = await openEmbedding(path);
  return Promise.all(
    checkpoints.map((checkpoint) => misfit(async () => requireFittingEmbedding(embedding, checkpoint))),
  );
}

async function misfit(open: () => Promise<unknown>): Promise<string | null> {
  try {
    await open();
    return null;
  } catch (error) {
    if (error instanceof UnsupportedModelError || !(error instanceof CheckpointError)) throw error;
    return error.message;
  }
}
