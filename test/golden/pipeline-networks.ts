import type { Checkpoint } from '../../inference/checkpoint/checkpoint.ts';
import { readTextEncoder, readUnet, readVae } from '../../inference/checkpoint/folder.ts';
import { parseSchedulerConfig } from '../../inference/checkpoint/parse-pipeline-configuration.ts';
import { createNetworks, type Networks } from '../../inference/pipeline/networks.ts';
import { goldenPath } from './golden-folder.ts';

const opened = new Map<string, Promise<Networks>>();

/** The tiny networks of the golden fixtures, opened once each, with the scheduler of the first call. */
export function networksOf(kind: 'base' | 'refiner', scheduler: unknown): Promise<Networks> {
  let networks = opened.get(kind);
  if (networks === undefined) {
    networks = openParts(kind, scheduler);
    opened.set(kind, networks);
  }
  return networks;
}

async function openParts(kind: 'base' | 'refiner', scheduler: unknown): Promise<Networks> {
  const files = {
    config: { modelMaxLength: 77, bosToken: '', eosToken: '', unkToken: '', padToken: '' },
    vocabulary: new Map(),
    merges: [],
  };
  const common = {
    path: goldenPath('models'),
    unet: await readUnet(goldenPath('models', kind === 'base' ? 'unet' : 'refiner_unet')),
    vae: await readVae(goldenPath('models/vae')),
    textEncoder2: await readTextEncoder(goldenPath('models/text_encoder_2')),
    tokenizer2: files,
    scheduler: parseSchedulerConfig(scheduler, 'index.json'),
    pipeline: { forceZerosForEmptyPrompt: kind === 'base', requiresAestheticsScore: kind === 'refiner' },
  };
  const checkpoint: Checkpoint =
    kind === 'base'
      ? { kind, ...common, tokenizer: files, textEncoder: await readTextEncoder(goldenPath('models/text_encoder')) }
      : { kind, ...common };
  return createNetworks(checkpoint, { provider: 'cpu', threads: 1 });
}
