import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { CheckpointError } from './errors.ts';
import { readJson } from './read-json.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import type { StoredTensor, Weights } from './weights.ts';

/**
 * Finds and reads the weights of a diffusers or transformers folder: `STEM[.VARIANT].safetensors`, or its shards by
 * their index. A variant asked for is preferred, else the plain file, else fp16. Throws CheckpointError.
 */
export async function readWeights(folder: string, stem: string, variant?: string): Promise<Weights> {
  const path = await findWeights(folder, stem, variant);
  return path.endsWith('.json') ? readShards(folder, path) : (await readSafetensorsHeader(path)).tensors;
}

async function findWeights(folder: string, stem: string, variant?: string): Promise<string> {
  const present = await listFolder(folder);
  const suffixes = variant === undefined ? ['', '.fp16'] : [`.${variant}`, '', '.fp16'];
  for (const suffix of suffixes) {
    const candidates = [
      `${stem}${suffix}.safetensors`,
      `${stem}.safetensors.index${suffix}.json`,
      `${stem}${suffix}.safetensors.index.json`,
    ];
    const found = candidates.find((name) => present.includes(name));
    if (found !== undefined) return join(folder, found);
  }
  const pickle = present.find((name) => /\.(bin|pt|ckpt)$/.test(name));
  const reason = pickle
    ? `has only ${pickle}, a pickle, which can run code when it is opened. Get the model as .safetensors`
    : `has no ${stem}.safetensors`;
  throw new CheckpointError(folder, reason);
}

/** Absent weights and an absent folder are the same to a person, so that one error names what is missing. */
async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new CheckpointError(folder, 'there is no such folder', { cause: error });
  }
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

async function readShards(folder: string, path: string): Promise<Weights> {
  const index = indexSchema.safeParse(await readJson(path));
  if (!index.success) throw new CheckpointError(path, 'has no weight_map from tensors to files');
  const placed = new Map(Object.entries(index.data.weight_map));
  const weights = new Map<string, StoredTensor>();
  for (const shard of new Set(placed.values())) {
    // The index is untrusted: a shard is a file beside it and nothing else.
    if (basename(shard) !== shard)
      throw new CheckpointError(path, `the shard ${JSON.stringify(shard)} is not a file name`);
    for (const [name, stored] of (await readSafetensorsHeader(join(folder, shard))).tensors) {
      if (placed.get(name) !== shard) throw new CheckpointError(path, `does not place tensor ${name} in ${shard}`);
      weights.set(name, stored);
    }
  }
  const missing = [...placed.keys()].filter((name) => !weights.has(name));
  if (missing.length > 0) {
    throw new CheckpointError(path, `${missing.length} tensors are in no shard: ${missing.slice(0, 5).join(', ')}`);
  }
  return weights;
}
