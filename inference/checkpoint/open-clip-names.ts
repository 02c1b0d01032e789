import { usualClipName } from './clip-names.ts';
import type { StoredTensor, Weights } from './weights.ts';

/** What the parameters of an OpenCLIP text encoder are called in transformers. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^positional_embedding$/, 'text_model.embeddings.position_embedding.weight'],
  [/^token_embedding\.weight$/, 'text_model.embeddings.token_embedding.weight'],
  [/^ln_final\.(weight|bias)$/, 'text_model.final_layer_norm.$1'],
  [/^transformer\.resblocks\.(\d+)\.ln_([12])\.(weight|bias)$/, 'text_model.encoder.layers.$1.layer_norm$2.$3'],
  [
    /^transformer\.resblocks\.(\d+)\.attn\.out_proj\.(weight|bias)$/,
    'text_model.encoder.layers.$1.self_attn.out_proj.$2',
  ],
  [/^transformer\.resblocks\.(\d+)\.mlp\.c_fc\.(weight|bias)$/, 'text_model.encoder.layers.$1.mlp.fc1.$2'],
  [/^transformer\.resblocks\.(\d+)\.mlp\.c_proj\.(weight|bias)$/, 'text_model.encoder.layers.$1.mlp.fc2.$2'],
];

/** Names that are transformers' already. */
const TRANSFORMERS = /^text_(model\.|projection\.weight$)/;

const FUSED_PROJECTION = /^transformer\.resblocks\.(\d+)\.attn\.in_proj_(weight|bias)$/;

/**
 * The weights of an OpenCLIP text encoder under transformers' names, without what means nothing to it. The fused
 * query, key and value projection becomes three runs of its rows, and the text projection is marked as transposed:
 * OpenCLIP multiplies by it from the right.
 */
export function transformersClipNames(original: Weights): Weights {
  const weights = new Map<string, StoredTensor>();
  for (const [name, stored] of original) {
    const fused = FUSED_PROJECTION.exec(name);
    if (fused && (stored.shape[0] ?? 0) % 3 === 0) {
      splitRows(stored).forEach((part, index) => {
        weights.set(`text_model.encoder.layers.${fused[1]}.self_attn.${'qkv'[index]}_proj.${fused[2]}`, part);
      });
    } else if (name === 'text_projection') {
      weights.set('text_projection.weight', { ...stored, transposed: true });
    } else if (TRANSFORMERS.test(usualClipName(name))) {
      // diffusers' converter of August 2023 to February 2024 wrote the projection so, and merging tools all of it.
      weights.set(usualClipName(name), stored);
    } else {
      const rule = NAMES.find(([pattern]) => pattern.test(name));
      if (rule) weights.set(name.replace(rule[0], rule[1]), stored);
    }
  }
  return weights;
}

/** A tensor's first, second and last third of rows, in place. */
function splitRows(stored: StoredTensor): readonly StoredTensor[] {
  const [rows = 0, ...rest] = stored.shape;
  const byteLength = stored.byteLength / 3;
  return [0, 1, 2].map((index) => ({
    ...stored,
    offset: stored.offset + index * byteLength,
    byteLength,
    shape: [rows / 3, ...rest],
  }));
}
