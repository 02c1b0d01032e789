import type { Activation } from '../graph/graph.ts';
import { Conv2d, GroupNorm, Linear, silu } from '../graph/layers.ts';
import { Module } from '../graph/module.ts';
import { add, reshape } from '../graph/ops.ts';

/**
 * A residual block of two convolutions, each after a group norm and SiLU; between them the time embedding is added to
 * every pixel. x [B, in, H, W], time [B, T] (already through SiLU; null in a VAE) -> [B, out, H, W].
 */
export class ResnetBlock extends Module<[Activation, Activation | null]> {
  readonly norm1: GroupNorm;
  readonly conv1: Conv2d;
  readonly time_emb_proj: Linear | null;
  readonly norm2: GroupNorm;
  readonly conv2: Conv2d;
  readonly conv_shortcut: Conv2d | null;

  constructor(
    inChannels: number,
    outChannels: number,
    options: { readonly groups: number; readonly epsilon: number; readonly timeWidth: number | null },
  ) {
    super();
    const { groups, epsilon, timeWidth } = options;
    this.norm1 = new GroupNorm(groups, inChannels, epsilon);
    this.conv1 = new Conv2d(inChannels, outChannels, { kernel: 3, padding: 1 });
    this.time_emb_proj = timeWidth === null ? null : new Linear(timeWidth, outChannels);
    this.norm2 = new GroupNorm(groups, outChannels, epsilon);
    this.conv2 = new Conv2d(outChannels, outChannels, { kernel: 3, padding: 1 });
    this.conv_shortcut = inChannels === outChannels ? null : new Conv2d(inChannels, outChannels, { kernel: 1 });
  }

  protected forward(x: Activation, time: Activation | null): Activation {
    let hidden = this.conv1.call(silu(this.norm1.call(x)));
    if (this.time_emb_proj !== null && time !== null) {
      hidden = add(hidden, reshape(this.time_emb_proj.call(time), [0, -1, 1, 1]));
    }
    hidden = this.conv2.call(silu(this.norm2.call(hidden)));
    return add(this.conv_shortcut?.call(x) ?? x, hidden);
  }
}
