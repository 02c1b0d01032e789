import type { UnetConfig } from '../../checkpoint/configuration.ts';
import { changesUnet } from '../../checkpoint/surplus.ts';
import type { Weights } from '../../checkpoint/weights.ts';
import { bindWeights, type WeightExtras } from '../../graph/bind-weights.ts';
import type { Activation, Graph, Value } from '../../graph/graph.ts';
import { Conv2d, GroupNorm, silu } from '../../graph/layers.ts';
import { Module } from '../../graph/module.ts';
import { add, cast, concat, reshape, shapeOf } from '../../graph/ops.ts';
import { type BuildOptions, buildModel, type NetworkModel } from '../model.ts';
import { DownBlock, type Level, MidBlock, UpBlock } from './blocks.ts';
import { ConditionEmbedding, Sinusoids } from './embeddings.ts';
import { Skips } from './skips.ts';
import type { TransformerShape } from './transformer.ts';

/** Channels of the time embedding, as a multiple of the finest level's. */
const TIME_EXPANSION = 4;

/** What the UNet is told besides the noisy latent; B is the batch. */
interface Conditions {
  /** [B]: each sample has its own, so that jobs at different steps share a batch. */
  readonly timestep: Value<'float32'>;
  /** [B, L, crossAttentionDim]: hidden states of the text encoders. */
  readonly encoder_hidden_states: Value<'float32'>;
  /** [B, P]: the pooled text embedding. */
  readonly text_embeds: Value<'float32'>;
  /** [B, T]: original size, crop, and target size or aesthetic score. */
  readonly time_ids: Value<'float32'>;
}

interface UnetPass {
  /** [B, out, H, W]: the predicted noise (or velocity). */
  readonly prediction: Activation;
  /** [B, C, H, W]: what the finest level's way up is given by all coarser levels. It changes little from step to step. */
  readonly deep: Activation;
}

/**
 * SDXL's denoiser (Podell et al. 2023, section 2): a U of residual blocks with transformers on the coarser levels.
 * Latent [B, in, H, W] -> predicted noise (or velocity) [B, out, H, W].
 */
class Unet extends Module<[Activation, Conditions, Activation | null], UnetPass> {
  readonly conv_in: Conv2d;
  readonly time_proj: Sinusoids;
  readonly time_embedding: ConditionEmbedding;
  readonly add_time_proj: Sinusoids;
  readonly add_embedding: ConditionEmbedding;
  readonly down_blocks: readonly DownBlock[];
  readonly mid_block: MidBlock;
  readonly up_blocks: readonly UpBlock[];
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor(config: UnetConfig) {
    super();
    const levels = levelsOf(config);
    const [finest, coarsest] = [levels[0], levels.at(-1)];
    if (finest === undefined || coarsest === undefined) throw new RangeError('A UNet needs at least one level.');
    const { channels, timeWidth } = finest;
    this.conv_in = new Conv2d(config.inChannels, channels, { kernel: 3, padding: 1 });
    this.time_proj = new Sinusoids(channels, config);
    this.time_embedding = new ConditionEmbedding(channels, timeWidth);
    this.add_time_proj = new Sinusoids(config.additionTimeEmbedDim, config);
    this.add_embedding = new ConditionEmbedding(config.projectionClassEmbeddingsInputDim, timeWidth);

    const layers = config.layersPerBlock;
    const skipChannels = [channels];
    let width = channels;
    this.down_blocks = levels.map(({ down }, i) => {
      const downsample = i < levels.length - 1;
      const block = new DownBlock(width, down, { layers, downsample });
      width = down.channels;
      skipChannels.push(...new Array(layers + (downsample ? 1 : 0)).fill(width));
      return block;
    });
    this.mid_block = new MidBlock({ ...coarsest.down, transformer: coarsest.transformer });
    this.up_blocks = levels.toReversed().map(({ up }, i) => {
      const skips = skipChannels.splice(-(layers + 1)).toReversed();
      const block = new UpBlock(width, skips, up, { upsample: i < levels.length - 1 });
      width = up.channels;
      return block;
    });
    this.conv_norm_out = new GroupNorm(config.normNumGroups, channels, config.normEps);
    this.conv_out = new Conv2d(channels, config.outChannels, { kernel: 3, padding: 1 });
  }

  /** @param kept what an earlier pass called `deep`: then only the finest level is computed */
  protected forward(latent: Activation, conditions: Conditions, kept: Activation | null): UnetPass {
    const { timestep, encoder_hidden_states, text_embeds, time_ids } = conditions;
    const batch = shapeOf(latent, 0, 1);
    const ids = this.add_time_proj.call(reshape(time_ids, [-1]));
    const perSample = concat([batch, batch.graph.ints([-1])], 0);
    const added = concat([text_embeds, reshape(ids, perSample)], 1);
    const time = silu(
      add(
        this.time_embedding.call(cast(this.time_proj.call(timestep), latent.type)),
        this.add_embedding.call(cast(added, latent.type)),
      ),
    );
    const context = { tokens: flattenTokens(cast(encoder_hidden_states, latent.type)), batch };

    const skips = new Skips();
    const down = (x: Activation, block: DownBlock): Activation => block.call(x, skips, time, context);
    const up = (x: Activation, block: UpBlock): Activation => block.call(x, skips, time, context);
    const finest = this.down_blocks.slice(0, 1).reduce(down, skips.push(this.conv_in.call(latent)));
    const computeDeep = (): Activation => {
      const bottom = this.mid_block.call(this.down_blocks.slice(1).reduce(down, finest), time, context);
      return this.up_blocks.slice(0, -1).reduce(up, bottom);
    };
    // The last skip is for the coarser levels, which are not computed.
    if (kept !== null && this.down_blocks.length > 1) skips.pop();
    const deep = kept ?? computeDeep();
    const features = this.up_blocks.slice(-1).reduce(up, deep);
    return { prediction: this.conv_out.call(silu(this.conv_norm_out.call(features))), deep };
  }
}

/** [B, L, C] -> [B * L, C] */
function flattenTokens(states: Activation): Activation {
  return reshape(states, concat([states.graph.ints([-1]), shapeOf(states, 2, 3)], 0));
}

function levelsOf(config: UnetConfig) {
  const { blockOutChannels, normNumGroups: groups, normEps: epsilon } = config;
  const timeWidth = TIME_EXPANSION * entry(blockOutChannels, 0);
  return blockOutChannels.map((channels, i) => {
    const transformer: TransformerShape = {
      depth: entry(config.transformerLayersPerBlock, i),
      heads: entry(config.attentionHeads, i),
      contextWidth: config.crossAttentionDim,
      groups,
      useLinearProjection: config.useLinearProjection,
    };
    const level = (attention: boolean): Level => ({
      channels,
      groups,
      epsilon,
      timeWidth,
      transformer: attention ? transformer : null,
    });
    const down = level(entry(config.downBlockTypes, i) === 'CrossAttnDownBlock2D');
    const up = level(entry(config.upBlockTypes, blockOutChannels.length - 1 - i) === 'CrossAttnUpBlock2D');
    return { channels, timeWidth, transformer, down, up };
  });
}

function entry<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`The UNet's configuration lists only ${list.length} of its levels.`);
  return value;
}

const inputs = {
  sample: 'float32',
  timestep: 'float32',
  encoder_hidden_states: 'float32',
  text_embeds: 'float32',
  time_ids: 'float32',
} as const;
const shallowInputs = { ...inputs, deep: 'float32' } as const;

export type UnetModel<Trace extends string = never> = NetworkModel<typeof inputs, 'prediction' | 'deep' | Trace>;
export type ShallowUnetModel = NetworkModel<typeof shallowInputs, 'prediction'>;

/** The network over its checkpoint, before it is a graph. @throws WeightsMismatchError */
export function bindUnet(config: UnetConfig, weights: Weights, extras: WeightExtras = {}): Unet {
  return bindWeights(new Unet(config), weights, 'UNet', extras, changesUnet);
}

/**
 * The graph of a UNet over its checkpoint. Batch, height, width and text length are free. Its second result is for
 * `buildShallowUnet`, and costs nothing where it is not asked for.
 * @throws WeightsMismatchError
 */
export function buildUnet<Trace extends string = never>(
  config: UnetConfig,
  weights: Weights,
  options: BuildOptions<Trace>,
): UnetModel<Trace> {
  const unet = bindUnet(config, weights, options);
  return buildModel(inputs, ['prediction', 'deep'], options, (graph) => {
    const { sample, conditions } = unetInputs(graph, config);
    const { prediction, deep } = unet.call(sample, conditions, null);
    graph.output('prediction', cast(prediction, 'float32'), ['batch', config.outChannels, 'height', 'width']);
    graph.output('deep', cast(deep, 'float32'), ['batch', 'deep_channels', 'height', 'width']);
  });
}

/**
 * The same network where the coarser levels are not computed but taken from an earlier pass (Ma et al. 2023,
 * "DeepCache"): about an eighth of the work.
 * @throws WeightsMismatchError
 */
export function buildShallowUnet(config: UnetConfig, weights: Weights, options: BuildOptions): ShallowUnetModel {
  const unet = bindUnet(config, weights, options);
  return buildModel(shallowInputs, ['prediction'], options, (graph) => {
    const { sample, conditions } = unetInputs(graph, config);
    const deep = graph.input('deep', 'float32', ['batch', 'deep_channels', 'height', 'width']);
    const { prediction } = unet.call(sample, conditions, cast(deep, graph.precision));
    graph.output('prediction', cast(prediction, 'float32'), ['batch', config.outChannels, 'height', 'width']);
  });
}

function unetInputs(graph: Graph, config: UnetConfig): { sample: Activation; conditions: Conditions } {
  const sample = graph.input('sample', 'float32', ['batch', config.inChannels, 'height', 'width']);
  const conditions = {
    timestep: graph.input('timestep', 'float32', ['batch']),
    encoder_hidden_states: graph.input('encoder_hidden_states', 'float32', [
      'batch',
      'tokens',
      config.crossAttentionDim,
    ]),
    text_embeds: graph.input('text_embeds', 'float32', ['batch', 'pooled']),
    time_ids: graph.input('time_ids', 'float32', ['batch', 'ids']),
  };
  return { sample: cast(sample, graph.precision), conditions };
}
