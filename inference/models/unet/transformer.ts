import type { Activation, Shape } from '../../graph/graph.ts';
import { GroupNorm, gelu, LayerNorm, Linear } from '../../graph/layers.ts';
import { Identity, Module } from '../../graph/module.ts';
import { add, multiply } from '../../graph/ops.ts';
import { Attention } from '../attention.ts';
import { throughTokens } from '../tokens.ts';

/** The text that a picture is drawn from, as the cross attention reads it. */
export interface Context {
  /** [B * L, contextWidth] */
  readonly tokens: Activation;
  /** A vector of one element: B. */
  readonly batch: Shape;
}

export interface TransformerShape {
  readonly depth: number;
  readonly heads: number;
  readonly contextWidth: number;
  readonly groups: number;
  readonly useLinearProjection: boolean;
}

/** Transformer blocks over the pixels of an image, around a residual connection: [B, C, H, W] -> the same. */
export class SpatialTransformer extends Module<[Activation, Context]> {
  readonly norm: GroupNorm;
  readonly proj_in: Linear;
  readonly transformer_blocks: readonly TransformerBlock[];
  readonly proj_out: Linear;
  readonly #channels: number;

  constructor(channels: number, shape: TransformerShape) {
    super();
    const { depth, groups } = shape;
    const asConvolution = !shape.useLinearProjection;
    this.norm = new GroupNorm(groups, channels, 1e-6);
    this.proj_in = new Linear(channels, channels, { asConvolution });
    this.transformer_blocks = Array.from({ length: depth }, () => new TransformerBlock(channels, shape));
    this.proj_out = new Linear(channels, channels, { asConvolution });
    this.#channels = channels;
  }

  protected forward(image: Activation, context: Context): Activation {
    const hidden = throughTokens(this.norm.call(image), this.#channels, (tokens) => {
      const start = this.proj_in.call(tokens);
      return this.proj_out.call(this.transformer_blocks.reduce((x, block) => block.call(x, context), start));
    });
    return add(hidden, image);
  }
}

/** Self attention, cross attention to the text, and a feed-forward layer; each normalised before, added after. */
class TransformerBlock extends Module<[Activation, Context]> {
  readonly norm1: LayerNorm;
  readonly attn1: Attention;
  readonly norm2: LayerNorm;
  readonly attn2: Attention;
  readonly norm3: LayerNorm;
  readonly ff: FeedForward;

  constructor(width: number, { heads, contextWidth }: TransformerShape) {
    super();
    this.norm1 = new LayerNorm(width);
    this.attn1 = new Attention(width, width, { heads, bias: false });
    this.norm2 = new LayerNorm(width);
    this.attn2 = new Attention(width, contextWidth, { heads, bias: false });
    this.norm3 = new LayerNorm(width);
    this.ff = new FeedForward(width);
  }

  protected forward(x: Activation, { tokens, batch }: Context): Activation {
    const normalised = this.norm1.call(x);
    x = add(this.attn1.call(normalised, normalised, batch), x);
    x = add(this.attn2.call(this.norm2.call(x), tokens, batch), x);
    return add(this.ff.call(this.norm3.call(x)), x);
  }
}

/** [M, width] -> four times as wide, gated -> [M, width] */
class FeedForward extends Module {
  readonly net: readonly [Geglu, Identity, Linear];

  constructor(width: number) {
    super();
    this.net = [new Geglu(width, 4 * width), new Identity(), new Linear(4 * width, width)];
  }

  protected forward(x: Activation): Activation {
    return this.net[2].call(this.net[0].call(x));
  }
}

/**
 * One half of a linear layer's result times the GELU of the other (Shazeer 2020). The halves are two products with
 * two ranges of the weight's rows, which spares splitting (copying) the result.
 */
class Geglu extends Module {
  readonly proj: Linear;
  readonly #outFeatures: number;

  constructor(inFeatures: number, outFeatures: number) {
    super();
    this.proj = new Linear(inFeatures, 2 * outFeatures);
    this.#outFeatures = outFeatures;
  }

  protected forward(x: Activation): Activation {
    const value = this.proj.callRows(x, 0, this.#outFeatures);
    const gate = this.proj.callRows(x, this.#outFeatures, 2 * this.#outFeatures);
    return multiply(value, gelu(gate));
  }
}
