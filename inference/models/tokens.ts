import type { Activation } from '../graph/graph.ts';
import { reshape, shapeOf, transpose } from '../graph/ops.ts';

/**
 * Lets `work` see an image [B, C, H, W] as a matrix of tokens [B * H * W, C], one a pixel in reading order, and turns
 * what it returns back into an image.
 */
export function throughTokens(image: Activation, width: number, work: (tokens: Activation) => Activation): Activation {
  const channelsLast = transpose(image, [0, 2, 3, 1]);
  const tokens = work(reshape(channelsLast, [-1, width]));
  return transpose(reshape(tokens, shapeOf(channelsLast)), [0, 3, 1, 2]);
}
