import type { StoredTensor, Weights } from './weights.ts';

/** How the parameters of an original (CompVis) autoencoder are called in diffusers; levels are numbered apart. */
const ORIGINAL_TO_DIFFUSERS: readonly (readonly [RegExp, string])[] = [
  [/^encoder\.down\.(\d+)\.block\.(\d+)\./, 'encoder.down_blocks.$1.resnets.$2.'],
  [/^encoder\.down\.(\d+)\.downsample\.conv\./, 'encoder.down_blocks.$1.downsamplers.0.conv.'],
  [/^decoder\.up\.(\d+)\.block\.(\d+)\./, 'decoder.up_blocks.$1.resnets.$2.'],
  [/^decoder\.up\.(\d+)\.upsample\.conv\./, 'decoder.up_blocks.$1.upsamplers.0.conv.'],
  [/\.mid\.block_1\./, '.mid_block.resnets.0.'],
  [/\.mid\.block_2\./, '.mid_block.resnets.1.'],
  [/\.mid\.attn_1\.norm\./, '.mid_block.attentions.0.group_norm.'],
  [/\.mid\.attn_1\.([qkv])\./, '.mid_block.attentions.0.to_$1.'],
  [/\.mid\.attn_1\.proj_out\./, '.mid_block.attentions.0.to_out.0.'],
  [/\.nin_shortcut\./, '.conv_shortcut.'],
  [/\.norm_out\./, '.conv_norm_out.'],
];

/** Diffusers' own names of the attention's projections before 0.18. */
const EARLIER_TO_DIFFUSERS: readonly (readonly [RegExp, string])[] = [
  [/(\.mid_block\.attentions\.0)\.query\./, '$1.to_q.'],
  [/(\.mid_block\.attentions\.0)\.key\./, '$1.to_k.'],
  [/(\.mid_block\.attentions\.0)\.value\./, '$1.to_v.'],
  [/(\.mid_block\.attentions\.0)\.proj_attn\./, '$1.to_out.0.'],
];

/** The weights of an autoencoder in the original layout, under diffusers' names. Names it does not know stay as they are. */
export function diffusersVaeNames(original: Weights): Weights {
  const levels = new Set([...original.keys()].map((name) => /^decoder\.up\.(\d+)\./.exec(name)?.[1])).size - 1;
  const renamed = [...original].map(([name, stored]): [string, StoredTensor] => [
    rename(name, ORIGINAL_TO_DIFFUSERS).replace(
      // The original numbers the decoder's levels from the finest, diffusers from the coarsest.
      /^decoder\.up_blocks\.(\d+)/,
      (_, level: string) => `decoder.up_blocks.${levels - 1 - Number(level)}`,
    ),
    stored,
  ]);
  return linearAttention(new Map(renamed));
}

/** The weights of an autoencoder that an early diffusers saved, under the names of today. */
export function modernVaeNames(weights: Weights): Weights {
  return linearAttention(new Map([...weights].map(([name, stored]) => [rename(name, EARLIER_TO_DIFFUSERS), stored])));
}

/** The attention's projections as matrices: the original layout holds them as 1 x 1 convolutions of the same bytes. */
function linearAttention(weights: ReadonlyMap<string, StoredTensor>): Weights {
  return new Map(
    [...weights].map(([name, stored]) => {
      const [rows, columns, ...kernel] = stored.shape;
      const isPointwise = kernel.length === 2 && kernel.every((size) => size === 1);
      if (!/\.attentions\.0\.to_/.test(name) || !isPointwise || rows === undefined || columns === undefined) {
        return [name, stored];
      }
      return [name, { ...stored, shape: [rows, columns] }];
    }),
  );
}

function rename(name: string, rules: readonly (readonly [RegExp, string])[]): string {
  return rules.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), name);
}
