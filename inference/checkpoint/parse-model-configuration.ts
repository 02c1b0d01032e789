import { z } from 'zod';
import type { TextEncoderConfig, UnetConfig, VaeConfig } from './configuration.ts';
import { only, parser } from './configuration-parser.ts';

/*
 * Graphs are built in loops over these numbers, so a hostile file must not name a billion layers. SDXL has 4 levels at
 * most, 2 layers a level, 10 transformers a layer and 32 layers in a text encoder.
 */
const MAX_LEVELS = 8;
const MAX_LAYERS = 128;

const positive = z.number().int().positive().max(1_000_000);
const layers = z.number().int().positive().max(MAX_LAYERS);
const counts = z.array(positive).nonempty().max(MAX_LEVELS);

const unetSchema = z
  .object({
    in_channels: positive.default(4),
    out_channels: positive.default(4),
    sample_size: positive.default(128),
    block_out_channels: counts,
    down_block_types: z.array(z.enum(['DownBlock2D', 'CrossAttnDownBlock2D'])).nonempty(),
    up_block_types: z.array(z.enum(['UpBlock2D', 'CrossAttnUpBlock2D'])).nonempty(),
    mid_block_type: only('UNetMidBlock2DCrossAttn'),
    layers_per_block: layers.default(2),
    transformer_layers_per_block: z
      .union([layers, z.array(z.number().int().nonnegative().max(MAX_LAYERS)).nonempty()])
      .default(1),
    attention_head_dim: z.union([positive, counts]).default(8),
    num_attention_heads: z.union([positive, counts]).nullish(),
    cross_attention_dim: positive,
    use_linear_projection: z.boolean().default(false),
    addition_embed_type: z.literal('text_time', { error: 'must be "text_time": this is not an SDXL UNet' }),
    addition_time_embed_dim: positive,
    projection_class_embeddings_input_dim: positive,
    norm_num_groups: positive.default(32),
    norm_eps: z.number().positive().default(1e-5),
    flip_sin_to_cos: z.boolean().default(true),
    freq_shift: z.number().default(0),
    act_fn: only('silu', 'swish'),
    center_input_sample: only(false),
    downsample_padding: only(1),
    mid_block_scale_factor: only(1),
    only_cross_attention: only(false),
    mid_block_only_cross_attention: only(null, false),
    dual_cross_attention: only(false),
    class_embed_type: only(null),
    num_class_embeds: only(null),
    class_embeddings_concat: only(false),
    encoder_hid_dim: only(null),
    encoder_hid_dim_type: only(null),
    reverse_transformer_layers_per_block: only(null),
    resnet_time_scale_shift: only('default'),
    resnet_skip_time_act: only(false),
    resnet_out_scale_factor: only(1),
    time_embedding_type: only('positional'),
    time_embedding_dim: only(null),
    time_embedding_act_fn: only(null),
    timestep_post_act: only(null),
    time_cond_proj_dim: only(null),
    conv_in_kernel: only(3),
    conv_out_kernel: only(3),
    attention_type: only('default'),
    cross_attention_norm: only(null),
  })
  .transform((file, context): UnetConfig => {
    const levels = file.block_out_channels.length;
    const perLevel = (key: string, value: number | readonly number[]): readonly number[] => {
      const list = typeof value === 'number' ? Array.from({ length: levels }, () => value) : value;
      if (list.length !== levels) context.addIssue({ code: 'custom', path: [key], message: `needs ${levels} entries` });
      return list;
    };
    perLevel(
      'down_block_types',
      file.down_block_types.map(() => 1),
    );
    perLevel(
      'up_block_types',
      file.up_block_types.map(() => 1),
    );
    const attentionHeads = perLevel('attention_head_dim', file.num_attention_heads ?? file.attention_head_dim);
    file.block_out_channels.forEach((channels, level) => {
      if (channels % (attentionHeads[level] ?? 1) !== 0 || channels % file.norm_num_groups !== 0) {
        const message = `${channels} at level ${level} is not a multiple of its heads and of norm_num_groups`;
        context.addIssue({ code: 'custom', path: ['block_out_channels'], message });
      }
    });
    return {
      inChannels: file.in_channels,
      outChannels: file.out_channels,
      sampleSize: file.sample_size,
      blockOutChannels: file.block_out_channels,
      downBlockTypes: file.down_block_types,
      upBlockTypes: file.up_block_types,
      layersPerBlock: file.layers_per_block,
      transformerLayersPerBlock: perLevel('transformer_layers_per_block', file.transformer_layers_per_block),
      attentionHeads,
      crossAttentionDim: file.cross_attention_dim,
      useLinearProjection: file.use_linear_projection,
      additionTimeEmbedDim: file.addition_time_embed_dim,
      projectionClassEmbeddingsInputDim: file.projection_class_embeddings_input_dim,
      normNumGroups: file.norm_num_groups,
      normEps: file.norm_eps,
      flipSinToCos: file.flip_sin_to_cos,
      freqShift: file.freq_shift,
    };
  });

const vaeSchema = z
  .object({
    in_channels: positive.default(3),
    out_channels: positive.default(3),
    latent_channels: positive.default(4),
    block_out_channels: counts,
    down_block_types: z.array(only('DownEncoderBlock2D')).nonempty(),
    up_block_types: z.array(only('UpDecoderBlock2D')).nonempty(),
    layers_per_block: layers.default(1),
    norm_num_groups: positive.default(32),
    sample_size: positive.default(1024),
    scaling_factor: z.number().positive().default(0.18215),
    latents_mean: z.array(z.number()).nullish(),
    latents_std: z.array(z.number().positive()).nullish(),
    force_upcast: z.boolean().default(true),
    use_quant_conv: z.boolean().default(true),
    use_post_quant_conv: z.boolean().default(true),
    mid_block_add_attention: z.boolean().default(true),
    act_fn: only('silu', 'swish'),
    shift_factor: only(null, 0),
  })
  .transform(
    (file): VaeConfig => ({
      inChannels: file.in_channels,
      outChannels: file.out_channels,
      latentChannels: file.latent_channels,
      blockOutChannels: file.block_out_channels,
      layersPerBlock: file.layers_per_block,
      normNumGroups: file.norm_num_groups,
      sampleSize: file.sample_size,
      scalingFactor: file.scaling_factor,
      latentsMean: file.latents_mean ?? null,
      latentsStd: file.latents_std ?? null,
      forceUpcast: file.force_upcast,
      useQuantConv: file.use_quant_conv,
      usePostQuantConv: file.use_post_quant_conv,
      midBlockAddAttention: file.mid_block_add_attention,
    }),
  );

const textEncoderSchema = z
  .object({
    vocab_size: positive,
    hidden_size: positive,
    intermediate_size: positive,
    num_hidden_layers: layers,
    num_attention_heads: positive,
    max_position_embeddings: positive.default(77),
    hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
    layer_norm_eps: z.number().positive().default(1e-5),
    projection_dim: positive.default(512),
    eos_token_id: z.number().int().nonnegative().default(49407),
  })
  .refine((file) => file.hidden_size % file.num_attention_heads === 0, {
    path: ['hidden_size'],
    message: 'is not a multiple of num_attention_heads',
  })
  .transform(
    (file): TextEncoderConfig => ({
      vocabSize: file.vocab_size,
      hiddenSize: file.hidden_size,
      intermediateSize: file.intermediate_size,
      numHiddenLayers: file.num_hidden_layers,
      numAttentionHeads: file.num_attention_heads,
      maxPositionEmbeddings: file.max_position_embeddings,
      hiddenAct: file.hidden_act,
      layerNormEps: file.layer_norm_eps,
      projectionDim: file.projection_dim,
      eosTokenId: file.eos_token_id,
    }),
  );

/** Parses `unet/config.json`; see `parser` for the arguments and errors of all three. */
export const parseUnetConfig = parser(unetSchema);
/** Parses `vae/config.json`. */
export const parseVaeConfig = parser(vaeSchema);
/** Parses `text_encoder/config.json` or `text_encoder_2/config.json`. */
export const parseTextEncoderConfig = parser(textEncoderSchema);
