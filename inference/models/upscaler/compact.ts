import type { Weights } from '../../checkpoint/weights.ts';
import type { Activation } from '../../graph/graph.ts';
import { Conv2d } from '../../graph/layers.ts';
import { Module } from '../../graph/module.ts';
import { add, depthToSpace, enlargeNearest, prelu } from '../../graph/ops.ts';
import { Parameter } from '../../graph/parameter.ts';
import { outputChannels, RGB, UnsupportedUpscalerError } from './weights.ts';

/** A rectifier with a learnt slope a channel for what is below zero (He et al. 2015): x [B, C, H, W]. */
class PRelu extends Module {
  readonly weight: Parameter;

  constructor(channels: number) {
    super();
    this.weight = new Parameter(channels);
  }

  protected forward(x: Activation): Activation {
    return prelu(x, this.weight.as(x.type, x.graph));
  }
}

/**
 * Real-ESRGAN's SRVGGNetCompact (Wang et al. 2021): a chain of convolutions at the small size whose result, rearranged
 * into pixels, is added to the picture enlarged by nearest neighbour. [B, 3, H, W] -> [B, 3, scale H, scale W].
 */
export class CompactUpscaler extends Module {
  readonly body: readonly (Conv2d | PRelu)[];
  readonly scale: number;

  /** Width, depth and scale are read off the shapes. @throws UnsupportedUpscalerError */
  constructor(weights: Weights) {
    super();
    const width = outputChannels(weights, 'body.0.weight');
    const last = Math.max(...[...weights.keys()].map((name) => Number(/^body\.(\d+)\.weight$/.exec(name)?.[1] ?? 0)));
    const outputs = outputChannels(weights, `body.${last}.weight`);
    const scale = Math.sqrt(outputs / RGB);
    if (!Number.isInteger(scale))
      throw new UnsupportedUpscalerError(`its last layer has ${outputs} channels, which no scale explains`);
    this.scale = scale;
    this.body = Array.from({ length: last + 1 }, (_, i) => {
      if (i % 2 === 1) return new PRelu(width);
      return new Conv2d(i === 0 ? RGB : width, i === last ? outputs : width, { kernel: 3, padding: 1 });
    });
  }

  protected forward(picture: Activation): Activation {
    const features = this.body.reduce((x, layer) => layer.call(x), picture);
    return add(depthToSpace(features, this.scale), enlargeNearest(picture, this.scale));
  }
}
