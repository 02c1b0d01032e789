import type { Weights } from '../../checkpoint/weights.ts';
import type { Activation } from '../../graph/graph.ts';
import { Conv2d } from '../../graph/layers.ts';
import { Module } from '../../graph/module.ts';
import { add, concat, enlargeNearest, leakyRelu, scaled, spaceToDepth } from '../../graph/ops.ts';
import { outputChannels, RGB, UnsupportedUpscalerError } from './weights.ts';

/** How much of a residual branch is added. */
const RESIDUAL_SCALE = 0.2;
const SLOPE = 0.2;
/** The network's own enlargement; smaller scales first fold the picture's pixels into channels. */
const NETWORK_SCALE = 4;

const conv = (inChannels: number, outChannels: number) =>
  new Conv2d(inChannels, outChannels, { kernel: 3, padding: 1 });

/**
 * ESRGAN's RRDBNet (Wang et al. 2018; the names are Real-ESRGAN's): residual-in-residual dense blocks at the small
 * size, then two doublings. [B, 3, H, W] -> [B, 3, scale H, scale W]; a scale of 2 or 1 needs H and W divisible by 2 or 4.
 */
export class RrdbUpscaler extends Module {
  readonly conv_first: Conv2d;
  readonly body: readonly ResidualInResidual[];
  readonly conv_body: Conv2d;
  readonly conv_up1: Conv2d;
  readonly conv_up2: Conv2d;
  readonly conv_hr: Conv2d;
  readonly conv_last: Conv2d;
  readonly scale: number;

  /** Width, depth and scale are read off the shapes. @throws UnsupportedUpscalerError */
  constructor(weights: Weights) {
    super();
    const width = outputChannels(weights, 'conv_first.weight');
    const growth = outputChannels(weights, 'body.0.rdb1.conv1.weight');
    const folded = Math.sqrt((weights.get('conv_first.weight')?.shape[1] ?? RGB) / RGB);
    if (!Number.isInteger(NETWORK_SCALE / folded))
      throw new UnsupportedUpscalerError('its first layer reads no RGB picture');
    const depth = 1 + Math.max(...[...weights.keys()].map((name) => Number(/^body\.(\d+)\./.exec(name)?.[1] ?? 0)));
    this.scale = NETWORK_SCALE / folded;
    this.conv_first = conv(RGB * folded ** 2, width);
    this.body = Array.from({ length: depth }, () => new ResidualInResidual(width, growth));
    this.conv_body = conv(width, width);
    this.conv_up1 = conv(width, width);
    this.conv_up2 = conv(width, width);
    this.conv_hr = conv(width, width);
    this.conv_last = conv(width, RGB);
  }

  protected forward(picture: Activation): Activation {
    const folded = this.scale === NETWORK_SCALE ? picture : spaceToDepth(picture, RGB, NETWORK_SCALE / this.scale);
    const start = this.conv_first.call(folded);
    let x = add(start, this.conv_body.call(this.body.reduce((features, block) => block.call(features), start)));
    x = leakyRelu(this.conv_up1.call(enlargeNearest(x, 2)), SLOPE);
    x = leakyRelu(this.conv_up2.call(enlargeNearest(x, 2)), SLOPE);
    return this.conv_last.call(leakyRelu(this.conv_hr.call(x), SLOPE));
  }
}

class ResidualInResidual extends Module {
  readonly rdb1: ResidualDense;
  readonly rdb2: ResidualDense;
  readonly rdb3: ResidualDense;

  constructor(width: number, growth: number) {
    super();
    this.rdb1 = new ResidualDense(width, growth);
    this.rdb2 = new ResidualDense(width, growth);
    this.rdb3 = new ResidualDense(width, growth);
  }

  protected forward(x: Activation): Activation {
    return add(scaled(this.rdb3.call(this.rdb2.call(this.rdb1.call(x))), RESIDUAL_SCALE), x);
  }
}

/** Each convolution reads the block's input and everything that was made of it so far. */
class ResidualDense extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly conv3: Conv2d;
  readonly conv4: Conv2d;
  readonly conv5: Conv2d;

  constructor(width: number, growth: number) {
    super();
    this.conv1 = conv(width, growth);
    this.conv2 = conv(width + growth, growth);
    this.conv3 = conv(width + 2 * growth, growth);
    this.conv4 = conv(width + 3 * growth, growth);
    this.conv5 = conv(width + 4 * growth, width);
  }

  protected forward(x: Activation): Activation {
    let features = x;
    for (const layer of [this.conv1, this.conv2, this.conv3, this.conv4]) {
      features = concat([features, leakyRelu(layer.call(features), SLOPE)], 1);
    }
    return add(scaled(this.conv5.call(features), RESIDUAL_SCALE), x);
  }
}
