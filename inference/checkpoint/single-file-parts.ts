import { SCHEDULE_MARKERS } from './noise-schedule.ts';
import type { SafetensorsHeader } from './safetensors-header.ts';
import type { StoredTensor } from './weights.ts';

/** Tensors that checkpoints carry and that drawing does not need: constants, training state, copies. */
const NEEDLESS =
  /(\.position_ids|\.logit_scale|\.attn_mask)$|^(model_ema|denoiser|first_stage_model\.loss)\.|^conditioner\.embedders\.0\.transformer\.text_projection\./;

/** The tensors of a single-file checkpoint, by network and without the prefix that says which. */
export interface SingleFileParts {
  readonly unet: Map<string, StoredTensor>;
  readonly vae: Map<string, StoredTensor>;
  readonly clip: Map<string, StoredTensor>;
  readonly openClip: Map<string, StoredTensor>;
  readonly unknown: Map<string, StoredTensor>;
}

/** Sorts the tensors of a single-file checkpoint by network; those that drawing does not need are left out. */
export function splitParts({ tensors }: SafetensorsHeader, kind: 'base' | 'refiner'): SingleFileParts {
  const parts: SingleFileParts = {
    unet: new Map(),
    vae: new Map(),
    clip: new Map(),
    openClip: new Map(),
    unknown: new Map(),
  };
  const prefixes: [string, Map<string, StoredTensor>][] = [
    ['model.diffusion_model.', parts.unet],
    ['first_stage_model.', parts.vae],
    ['conditioner.embedders.0.transformer.', parts.clip],
    [`conditioner.embedders.${kind === 'base' ? 1 : 0}.model.`, parts.openClip],
  ];
  for (const [name, stored] of tensors) {
    if (NEEDLESS.test(name) || SCHEDULE_MARKERS.has(name)) continue;
    const entry = prefixes.find(([prefix]) => name.startsWith(prefix));
    if (entry) entry[1].set(name.slice(entry[0].length), stored);
    else parts.unknown.set(name, stored);
  }
  return parts;
}
