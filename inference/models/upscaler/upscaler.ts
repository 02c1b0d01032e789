import type { Weights } from '../../checkpoint/weights.ts';
import { bindWeights } from '../../graph/bind-weights.ts';
import { cast } from '../../graph/ops.ts';
import type { GraphModel } from '../../graph/session.ts';
import { type BuildOptions, buildModel } from '../model.ts';
import { CompactUpscaler } from './compact.ts';
import { RrdbUpscaler } from './rrdb.ts';
import { RGB } from './weights.ts';

const inputs = { image: 'float32' } as const;

export interface Upscaler {
  /** `image` [B, 3, H, W] in [0, 1] -> `upscaled` [B, 3, scale H, scale W], about in [0, 1]; sizes are free. */
  readonly model: GraphModel<typeof inputs, 'upscaled'>;
  readonly scale: number;
}

/**
 * The graph of an upscaler; which one, how wide, how deep and how much it enlarges is read off its weights.
 * @throws UnsupportedUpscalerError, WeightsMismatchError
 */
export function buildUpscaler(weights: Weights, options: BuildOptions): Upscaler {
  const network = weights.has('conv_first.weight') ? new RrdbUpscaler(weights) : new CompactUpscaler(weights);
  bindWeights(network, weights, 'upscaler');
  const model = buildModel(inputs, ['upscaled'], options, (graph) => {
    const picture = cast(graph.input('image', 'float32', ['batch', RGB, 'height', 'width']), graph.precision);
    const upscaled = network.call(picture);
    graph.output('upscaled', cast(upscaled, 'float32'), ['batch', RGB, 'upscaled_height', 'upscaled_width']);
  });
  return { model, scale: network.scale };
}
