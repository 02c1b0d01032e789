import { join } from 'node:path';
import type { ModelDescription } from '../../commands/engine.ts';
import { scaledBuckets } from '../../commands/sizes.ts';
import { hashModel } from '../checkpoint/hash.ts';
import { readModelCard } from '../checkpoint/model-card.ts';
import { ownSamplerId, samplerIds } from '../sampling/samplers.ts';
import { LATENT_FACTOR } from './latents.ts';
import type { Model } from './model.ts';
import { MAX_CHUNKS } from './text.ts';

/** What SDXL is drawn with where the model's card says nothing. */
const DEFAULTS = { steps: 30, guidance: 5, guidanceRescale: 0, refine: 0.8 } as const;

/** The caches of this machine: hashes of weights, by path, size and time. */
const HASHES_FILE = 'hashes.json';

/** What a model is and does best, from its files and its card. The weights are hashed once and the hash is kept. */
export async function describeModel({ source, base, refiner }: Model, cacheFolder: string): Promise<ModelDescription> {
  const { checkpoint } = base.networks;
  const card = await readModelCard(source.base);
  const cache = join(cacheFolder, HASHES_FILE);
  const nativeSize = checkpoint.unet.config.sampleSize * LATENT_FACTOR;
  const refinerReference =
    refiner === null || source.refiner === null
      ? null
      : { name: nameOf(source.refiner), hash: await hashModel(source.refiner, cache) };
  return {
    name: card.name ?? nameOf(source.base),
    hash: await hashModel(source.base, cache),
    refiner: refinerReference,
    predictionType: checkpoint.scheduler.edm ? 'edm' : checkpoint.scheduler.predictionType,
    nativeSize,
    buckets: card.buckets ?? scaledBuckets(nativeSize),
    samplers: samplerIds(checkpoint.scheduler),
    tokenLimit: MAX_CHUNKS * (checkpoint.tokenizer2.config.modelMaxLength - 2),
    defaults: {
      sampler: card.defaults.sampler ?? ownSamplerId(checkpoint.scheduler),
      steps: card.defaults.steps ?? DEFAULTS.steps,
      guidance: card.defaults.guidance ?? DEFAULTS.guidance,
      guidanceRescale: card.defaults.guidanceRescale ?? DEFAULTS.guidanceRescale,
      refine: refiner === null ? null : card.defaults.refine === undefined ? DEFAULTS.refine : card.defaults.refine,
    },
  };
}

/** A folder's or file's own name, without the ending. */
function nameOf(path: string): string {
  return path
    .replace(/[/\\]+$/, '')
    .replace(/^.*[/\\]/, '')
    .replace(/\.safetensors$/, '');
}
