import type { Activation } from '../../graph/graph.ts';
import { Conv2d, GroupNorm, Linear } from '../../graph/layers.ts';
import { Identity, Module } from '../../graph/module.ts';
import { add, enlargeNearest, shapeOf } from '../../graph/ops.ts';
import { ResnetBlock } from '../resnet.ts';
import { throughTokens } from '../tokens.ts';

/** The epsilon of every group norm in the autoencoder. */
export const EPSILON = 1e-6;

/** Residual blocks of one resolution; the encoder's then halve it, the decoder's double it. */
export class Stage extends Module {
  readonly resnets: readonly ResnetBlock[];
  readonly downsamplers: readonly Downsample[];
  readonly upsamplers: readonly Upsample[];

  constructor(
    inChannels: number,
    channels: number,
    options: { readonly layers: number; readonly groups: number; readonly then: 'halve' | 'double' | 'keep' },
  ) {
    super();
    const { layers, groups, then } = options;
    this.resnets = Array.from({ length: layers }, (_, i) => resnet(i === 0 ? inChannels : channels, channels, groups));
    this.downsamplers = then === 'halve' ? [new Downsample(channels)] : [];
    this.upsamplers = then === 'double' ? [new Upsample(channels)] : [];
  }

  protected forward(x: Activation): Activation {
    for (const block of this.resnets) x = block.call(x, null);
    return [...this.downsamplers, ...this.upsamplers].reduce((image, sampler) => sampler.call(image), x);
  }
}

/** Two residual blocks around a self attention over all pixels of the latent. */
export class Middle extends Module {
  readonly resnets: readonly [ResnetBlock, ResnetBlock];
  readonly attentions: readonly PixelAttention[];

  constructor(channels: number, groups: number, hasAttention: boolean) {
    super();
    this.resnets = [resnet(channels, channels, groups), resnet(channels, channels, groups)];
    this.attentions = hasAttention ? [new PixelAttention(channels, groups)] : [];
  }

  protected forward(x: Activation): Activation {
    const hidden = this.attentions.reduce((image, attention) => attention.call(image), this.resnets[0].call(x, null));
    return this.resnets[1].call(hidden, null);
  }
}

function resnet(inChannels: number, outChannels: number, groups: number): ResnetBlock {
  return new ResnetBlock(inChannels, outChannels, { groups, epsilon: EPSILON, timeWidth: null });
}

/** Single-head self attention around a residual connection: [B, C, H, W] -> the same. */
class PixelAttention extends Module {
  readonly group_norm: GroupNorm;
  readonly to_q: Linear;
  readonly to_k: Linear;
  readonly to_v: Linear;
  readonly to_out: readonly [Linear, Identity];
  readonly #channels: number;

  constructor(channels: number, groups: number) {
    super();
    this.group_norm = new GroupNorm(groups, channels, EPSILON);
    this.to_q = new Linear(channels, channels);
    this.to_k = new Linear(channels, channels);
    this.to_v = new Linear(channels, channels);
    this.to_out = [new Linear(channels, channels), new Identity()];
    this.#channels = channels;
  }

  protected forward(image: Activation): Activation {
    const options = { heads: 1, width: this.#channels, batch: shapeOf(image, 0, 1), causal: null };
    const mixed = throughTokens(this.group_norm.call(image), this.#channels, (x) => {
      const [query, key, value] = [this.to_q.call(x), this.to_k.call(x), this.to_v.call(x)];
      return this.to_out[0].call(x.graph.lowering.attention(query, key, value, options));
    });
    return add(mixed, image);
  }
}

/** Half the height and width, rounded down: zeros are added on the right and at the bottom only. */
class Downsample extends Module {
  readonly conv: Conv2d;

  constructor(channels: number) {
    super();
    this.conv = new Conv2d(channels, channels, { kernel: 3, stride: 2, padding: 'right and bottom' });
  }

  protected forward(x: Activation): Activation {
    return this.conv.call(x);
  }
}

/** Twice the height and width. */
class Upsample extends Module {
  readonly conv: Conv2d;

  constructor(channels: number) {
    super();
    this.conv = new Conv2d(channels, channels, { kernel: 3, padding: 1 });
  }

  protected forward(x: Activation): Activation {
    return this.conv.call(enlargeNearest(x, 2));
  }
}
