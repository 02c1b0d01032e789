import type { VaeConfig } from '../../checkpoint/configuration.ts';
import { isScale } from '../../checkpoint/surplus.ts';
import type { Weights } from '../../checkpoint/weights.ts';
import { bindWeights } from '../../graph/bind-weights.ts';
import type { Activation } from '../../graph/graph.ts';
import { Conv2d, GroupNorm, silu } from '../../graph/layers.ts';
import { Module } from '../../graph/module.ts';
import { cast } from '../../graph/ops.ts';
import type { GraphModel } from '../../graph/session.ts';
import { type BuildOptions, buildModel } from '../model.ts';
import { EPSILON, Middle, Stage } from './blocks.ts';

/** A mean and a log variance for each channel of the latent. */
const MOMENTS = 2;

/** The autoencoder between pictures and latents an eighth their size (Rombach et al. 2022). */
class Autoencoder {
  readonly encoder: Encoder;
  readonly quant_conv: Conv2d | null;
  readonly post_quant_conv: Conv2d | null;
  readonly decoder: Decoder;

  constructor(config: VaeConfig) {
    const { latentChannels } = config;
    const moments = MOMENTS * latentChannels;
    this.encoder = new Encoder(config);
    this.quant_conv = config.useQuantConv ? new Conv2d(moments, moments, { kernel: 1 }) : null;
    this.post_quant_conv = config.usePostQuantConv ? new Conv2d(latentChannels, latentChannels, { kernel: 1 }) : null;
    this.decoder = new Decoder(config);
  }
}

/** Picture [B, 3, H, W] in [-1, 1] -> moments [B, 2 * latentChannels, H / 8, W / 8]. */
class Encoder extends Module {
  readonly conv_in: Conv2d;
  readonly down_blocks: readonly Stage[];
  readonly mid_block: Middle;
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor(config: VaeConfig) {
    super();
    const { blockOutChannels, normNumGroups: groups, layersPerBlock: layers } = config;
    const [first, last] = ends(blockOutChannels);
    this.conv_in = new Conv2d(config.inChannels, first, { kernel: 3, padding: 1 });
    this.down_blocks = blockOutChannels.map((channels, i) => {
      const then = i < blockOutChannels.length - 1 ? 'halve' : 'keep';
      return new Stage(blockOutChannels[i - 1] ?? first, channels, { layers, groups, then });
    });
    this.mid_block = new Middle(last, groups, config.midBlockAddAttention);
    this.conv_norm_out = new GroupNorm(groups, last, EPSILON);
    this.conv_out = new Conv2d(last, MOMENTS * config.latentChannels, { kernel: 3, padding: 1 });
  }

  protected forward(picture: Activation): Activation {
    const features = this.down_blocks.reduce((x, block) => block.call(x), this.conv_in.call(picture));
    return this.conv_out.call(silu(this.conv_norm_out.call(this.mid_block.call(features))));
  }
}

/** Latent [B, latentChannels, h, w] -> picture [B, 3, 8 h, 8 w], about in [-1, 1]. */
class Decoder extends Module {
  readonly conv_in: Conv2d;
  readonly mid_block: Middle;
  readonly up_blocks: readonly Stage[];
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor(config: VaeConfig) {
    super();
    const { normNumGroups: groups } = config;
    const coarseToFine = config.blockOutChannels.toReversed();
    const [first, last] = ends(coarseToFine);
    this.conv_in = new Conv2d(config.latentChannels, first, { kernel: 3, padding: 1 });
    this.mid_block = new Middle(first, groups, config.midBlockAddAttention);
    this.up_blocks = coarseToFine.map((channels, i) => {
      const then = i < coarseToFine.length - 1 ? 'double' : 'keep';
      return new Stage(coarseToFine[i - 1] ?? first, channels, { layers: config.layersPerBlock + 1, groups, then });
    });
    this.conv_norm_out = new GroupNorm(groups, last, EPSILON);
    this.conv_out = new Conv2d(last, config.outChannels, { kernel: 3, padding: 1 });
  }

  protected forward(latent: Activation): Activation {
    const features = this.mid_block.call(this.conv_in.call(latent));
    const picture = this.up_blocks.reduce((x, block) => block.call(x), features);
    return this.conv_out.call(silu(this.conv_norm_out.call(picture)));
  }
}

function ends(channels: readonly number[]): [first: number, last: number] {
  const [first, last] = [channels[0], channels.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('An autoencoder needs at least one level.');
  return [first, last];
}

const encoderInputs = { image: 'float32' } as const;
const decoderInputs = { latent: 'float32' } as const;
export type VaeEncoderModel = GraphModel<typeof encoderInputs, 'moments'>;
export type VaeDecoderModel = GraphModel<typeof decoderInputs, 'image'>;

/** The network over its checkpoint, before it is a graph. @throws WeightsMismatchError */
export function bindVae(config: VaeConfig, weights: Weights): Autoencoder {
  return bindWeights(new Autoencoder(config), weights, 'VAE', {}, isScale);
}

/**
 * The graph from pictures in [-1, 1] to their latents' moments: [B, 2 * latentChannels, h, w], the means and then the
 * log variances, before any scaling. Batch, height and width are free.
 * @throws WeightsMismatchError
 */
export function buildVaeEncoder(config: VaeConfig, weights: Weights, options: BuildOptions): VaeEncoderModel {
  const vae = bindVae(config, weights);
  return buildModel(encoderInputs, ['moments'], withPrecision(config, options), (graph) => {
    const image = graph.input('image', 'float32', ['batch', config.inChannels, 'height', 'width']);
    const encoded = vae.encoder.call(cast(image, graph.precision));
    const moments = vae.quant_conv?.call(encoded) ?? encoded;
    const shape = ['batch', MOMENTS * config.latentChannels, 'latent_height', 'latent_width'];
    graph.output('moments', cast(moments, 'float32'), shape);
  });
}

/**
 * The graph from latents without scaling to pictures, about in [-1, 1]. Batch, height and width are free.
 * @throws WeightsMismatchError
 */
export function buildVaeDecoder(config: VaeConfig, weights: Weights, options: BuildOptions): VaeDecoderModel {
  const vae = bindVae(config, weights);
  return buildModel(decoderInputs, ['image'], withPrecision(config, options), (graph) => {
    const latent = cast(
      graph.input('latent', 'float32', ['batch', config.latentChannels, 'height', 'width']),
      graph.precision,
    );
    const image = vae.decoder.call(vae.post_quant_conv?.call(latent) ?? latent);
    graph.output('image', cast(image, 'float32'), ['batch', config.outChannels, 'image_height', 'image_width']);
  });
}

/** SDXL's original autoencoder overflows in float16, and says so by `forceUpcast`. */
function withPrecision({ forceUpcast }: VaeConfig, options: BuildOptions): BuildOptions {
  return forceUpcast ? { precision: 'float32', ...options } : options;
}
