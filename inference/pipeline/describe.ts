import { join } from 'node:path';
import type { ModelDescription } from '../../commands/engine.ts';
import { scaledBuckets } from '../../commands/sizes.ts';
import type { Checkpoint, Component } from '../checkpoint/checkpoint.ts';
import { hashModel } from '../checkpoint/hash.ts';
import { readSafetensorsHeader } from '../checkpoint/safetensors.ts';
import { ownSamplerId, samplerIds } from '../sampling/samplers.ts';
import { LATENT_FACTOR } from './latents.ts';
import type { Model } from './model.ts';
import { MAX_CHUNKS } from './text.ts';

/** What SDXL is drawn with where the model's card says nothing. */
const DEFAULTS = { steps: 30, guidance: 5, guidanceRescale: 0, refine: 0.8 } as const;

/** The caches of this machine: hashes of weights, by path, size and time. */
export const HASHES_FILE = 'hashes.json';

/** What a model is and does best, from its files and its card. The weights are hashed once and the hash is kept. */
export async function describeModel(
  { source, card, base, refiner }: Model,
  cacheFolder: string,
): Promise<ModelDescription> {
  const { checkpoint } = base.networks;
  const cache = join(cacheFolder, HASHES_FILE);
  const nativeSize = checkpoint.unet.config.sampleSize * LATENT_FACTOR;
  const refinerPath = refiner?.networks.checkpoint.path;
  const refinerReference =
    refinerPath === undefined ? null : { name: nameOf(refinerPath), hash: await hashModel(refinerPath, cache) };
  return {
    name: card.name ?? nameOf(source.base),
    hash: await hashModel(source.base, cache),
    bytes: storedBytes(checkpoint) + (refiner === null ? 0 : storedBytes(refiner.networks.checkpoint)),
    licence: card.licence ?? (await licenceInFile(source.base)),
    allow: card.allow ?? null,
    refiner: refinerReference,
    predictionType: checkpoint.scheduler.edm ? 'edm' : checkpoint.scheduler.predictionType,
    nativeSize,
    buckets: card.buckets ?? scaledBuckets(nativeSize),
    samplers: samplerIds(checkpoint.scheduler),
    arithmetic: base.networks.arithmetic,
    tokenLimit: MAX_CHUNKS * (checkpoint.tokenizer2.config.modelMaxLength - 2),
    defaults: {
      sampler: card.defaults.sampler ?? ownSamplerId(checkpoint.scheduler),
      steps: card.defaults.steps ?? DEFAULTS.steps,
      guidance: card.defaults.guidance ?? DEFAULTS.guidance,
      guidanceRescale: card.defaults.guidanceRescale ?? DEFAULTS.guidanceRescale,
      refine: refiner === null ? null : card.defaults.refine === undefined ? DEFAULTS.refine : card.defaults.refine,
      ...(card.defaults.outpaint !== undefined && { outpaint: card.defaults.outpaint }),
    },
  };
}

function storedBytes(checkpoint: Checkpoint): number {
  const parts: Component<unknown>[] = [checkpoint.unet, checkpoint.vae, checkpoint.textEncoder2];
  if (checkpoint.kind === 'base') parts.push(checkpoint.textEncoder);
  return parts.flatMap(({ weights }) => [...weights.values()]).reduce((total, { byteLength }) => total + byteLength, 0);
}

/** As the model metadata specification of Stability AI has it: https://github.com/Stability-AI/ModelSpec */
async function licenceInFile(path: string): Promise<string | null> {
  if (!path.endsWith('.safetensors')) return null;
  return (await readSafetensorsHeader(path)).metadata.get('modelspec.license')?.slice(0, 200) ?? null;
}

/** A folder's or file's own name, without the ending. */
function nameOf(path: string): string {
  return path
    .replace(/[/\\]+$/, '')
    .replace(/^.*[/\\]/, '')
    .replace(/\.safetensors$/, '');
}
