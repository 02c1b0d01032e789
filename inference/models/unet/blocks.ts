import type { Activation, Shape } from '../../graph/graph.ts';
import { Conv2d } from '../../graph/layers.ts';
import { Module } from '../../graph/module.ts';
import { concat, resizeNearest } from '../../graph/ops.ts';
import { ResnetBlock } from '../resnet.ts';
import type { Skips } from './skips.ts';
import { type Context, SpatialTransformer, type TransformerShape } from './transformer.ts';

/** One resolution level of the UNet. */
export interface Level {
  readonly channels: number;
  readonly groups: number;
  readonly epsilon: number;
  /** Width of the time embedding. */
  readonly timeWidth: number;
  /** Null where the level has no attention. */
  readonly transformer: TransformerShape | null;
}

/**
 * Residual blocks, each followed by a transformer where the level has them; then, but on the coarsest level, half the
 * size. Every stage's image is also left on the skips, for the up block of the same level.
 */
export class DownBlock extends Module<[Activation, Skips, Activation, Context]> {
  readonly resnets: readonly ResnetBlock[];
  readonly attentions: readonly SpatialTransformer[];
  readonly downsamplers: readonly Downsample[];

  constructor(inChannels: number, level: Level, options: { readonly layers: number; readonly downsample: boolean }) {
    super();
    const { channels, transformer } = level;
    const inputs = Array.from({ length: options.layers }, (_, i) => (i === 0 ? inChannels : channels));
    this.resnets = inputs.map((width) => new ResnetBlock(width, channels, level));
    this.attentions = transformer === null ? [] : inputs.map(() => new SpatialTransformer(channels, transformer));
    this.downsamplers = options.downsample ? [new Downsample(channels)] : [];
  }

  protected forward(x: Activation, skips: Skips, time: Activation, context: Context): Activation {
    for (const [i, resnet] of this.resnets.entries()) {
      const hidden = resnet.call(x, time);
      x = skips.push(this.attentions[i]?.call(hidden, context) ?? hidden);
    }
    return this.downsamplers.reduce((image, downsample) => skips.push(downsample.call(image)), x);
  }
}

/** The bottom of the U: a transformer between two residual blocks. */
export class MidBlock extends Module<[Activation, Activation, Context]> {
  readonly resnets: readonly [ResnetBlock, ResnetBlock];
  readonly attentions: readonly [SpatialTransformer];

  constructor(level: Level & { readonly transformer: TransformerShape }) {
    super();
    const { channels, transformer } = level;
    this.resnets = [new ResnetBlock(channels, channels, level), new ResnetBlock(channels, channels, level)];
    this.attentions = [new SpatialTransformer(channels, transformer)];
  }

  protected forward(x: Activation, time: Activation, context: Context): Activation {
    const hidden = this.attentions[0].call(this.resnets[0].call(x, time), context);
    return this.resnets[1].call(hidden, time);
  }
}

/**
 * As a down block, but each residual block is given one skip beside its input, and at the end the image is enlarged
 * to the size of the next level's skips (which is not twice its own where that is odd).
 */
export class UpBlock extends Module<[Activation, Skips, Activation, Context]> {
  readonly resnets: readonly ResnetBlock[];
  readonly attentions: readonly SpatialTransformer[];
  readonly upsamplers: readonly Upsample[];

  /** @param skipChannels channels of the skips in the order they are used: one a residual block */
  constructor(
    inChannels: number,
    skipChannels: readonly number[],
    level: Level,
    options: { readonly upsample: boolean },
  ) {
    super();
    const { channels, transformer } = level;
    this.resnets = skipChannels.map(
      (skip, i) => new ResnetBlock((i === 0 ? inChannels : channels) + skip, channels, level),
    );
    this.attentions = transformer === null ? [] : skipChannels.map(() => new SpatialTransformer(channels, transformer));
    this.upsamplers = options.upsample ? [new Upsample(channels)] : [];
  }

  protected forward(x: Activation, skips: Skips, time: Activation, context: Context): Activation {
    for (const [i, resnet] of this.resnets.entries()) {
      const hidden = resnet.call(concat([x, skips.pop()], 1), time);
      x = this.attentions[i]?.call(hidden, context) ?? hidden;
    }
    return this.upsamplers.reduce((image, upsample) => upsample.call(image, skips.nextSize()), x);
  }
}

/** Half the height and width, rounded up. */
class Downsample extends Module {
  readonly conv: Conv2d;

  constructor(channels: number) {
    super();
    this.conv = new Conv2d(channels, channels, { kernel: 3, stride: 2, padding: 1 });
  }

  protected forward(x: Activation): Activation {
    return this.conv.call(x);
  }
}

/** To the given height and width, which are twice the image's or one less. */
class Upsample extends Module<[Activation, Shape]> {
  readonly conv: Conv2d;

  constructor(channels: number) {
    super();
    this.conv = new Conv2d(channels, channels, { kernel: 3, padding: 1 });
  }

  protected forward(x: Activation, size: Shape): Activation {
    return this.conv.call(resizeNearest(x, size));
  }
}
