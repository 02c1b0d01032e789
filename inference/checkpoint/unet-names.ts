import type { UnetConfig } from './configuration.ts';

/** What the parts of a residual block are called in the original code, and in diffusers. */
const RESNET_PARTS = [
  ['in_layers.0', 'norm1'],
  ['in_layers.2', 'conv1'],
  ['emb_layers.1', 'time_emb_proj'],
  ['out_layers.0', 'norm2'],
  ['out_layers.3', 'conv2'],
  ['skip_connection', 'conv_shortcut'],
] as const;

const OUTER_MODULES = [
  ['time_embed.0', 'time_embedding.linear_1'],
  ['time_embed.2', 'time_embedding.linear_2'],
  ['label_emb.0.0', 'add_embedding.linear_1'],
  ['label_emb.0.2', 'add_embedding.linear_2'],
  ['input_blocks.0.0', 'conv_in'],
  ['out.0', 'conv_norm_out'],
  ['out.2', 'conv_out'],
] as const;

type Structure = Pick<UnetConfig, 'downBlockTypes' | 'upBlockTypes' | 'layersPerBlock'>;

/**
 * The modules of a UNet: from their name in the original code (Stability's generative-models), which numbers all
 * blocks in one row, to their name in diffusers, which numbers them a level. A transformer's inner modules have the
 * same names in both, so it is one entry.
 */
export function originalUnetModules({ downBlockTypes, upBlockTypes, layersPerBlock }: Structure): Map<string, string> {
  const modules = new Map<string, string>(OUTER_MODULES);
  const addResnet = (original: string, diffusers: string): void => {
    for (const [part, diffusersPart] of RESNET_PARTS)
      modules.set(`${original}.${part}`, `${diffusers}.${diffusersPart}`);
  };

  let block = 1;
  downBlockTypes.forEach((type, level) => {
    const down = `down_blocks.${level}`;
    for (let layer = 0; layer < layersPerBlock; layer++, block++) {
      addResnet(`input_blocks.${block}.0`, `${down}.resnets.${layer}`);
      if (type === 'CrossAttnDownBlock2D') modules.set(`input_blocks.${block}.1`, `${down}.attentions.${layer}`);
    }
    if (level < downBlockTypes.length - 1) modules.set(`input_blocks.${block++}.0.op`, `${down}.downsamplers.0.conv`);
  });

  addResnet('middle_block.0', 'mid_block.resnets.0');
  modules.set('middle_block.1', 'mid_block.attentions.0');
  addResnet('middle_block.2', 'mid_block.resnets.1');

  block = 0;
  upBlockTypes.forEach((type, level) => {
    const up = `up_blocks.${level}`;
    for (let layer = 0; layer <= layersPerBlock; layer++, block++) {
      addResnet(`output_blocks.${block}.0`, `${up}.resnets.${layer}`);
      if (type === 'CrossAttnUpBlock2D') modules.set(`output_blocks.${block}.1`, `${up}.attentions.${layer}`);
    }
    // The up-sampler belongs to the level's last block, after its residual block and its transformer if it has one.
    const position = type === 'CrossAttnUpBlock2D' ? 2 : 1;
    if (level < upBlockTypes.length - 1) {
      modules.set(`output_blocks.${block - 1}.${position}.conv`, `${up}.upsamplers.0.conv`);
    }
  });
  return modules;
}

/** Renames a parameter or module by the longest module name that begins its own; undefined if there is none. */
export function renameByModule(name: string, modules: ReadonlyMap<string, string>): string | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
    const renamed = modules.get(name.slice(0, end));
    if (renamed !== undefined) return renamed + name.slice(end);
  }
  return undefined;
}
