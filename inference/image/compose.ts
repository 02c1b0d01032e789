import sharp from 'sharp';
import type { Tensor } from '../tensor.ts';

/**
 * What was drawn laid over what is kept, both [1, 3, H, W] in 0 .. 1, under a mask [1, 1, H, W] (1: drawn) whose edge is
 * softened over `feather` pixels.
 */
export async function compose(drawn: Tensor, kept: Tensor, mask: Tensor, feather: number): Promise<Tensor> {
  const soft = await soften(mask, feather);
  const area = soft.length;
  return {
    shape: drawn.shape,
    data: drawn.data.map((value, index) => {
      const below = kept.data[index] ?? 0;
      return below + (value - below) * ((soft[index % area] ?? 0) / 255);
    }),
  };
}

/** Four standard deviations of the blur hold nearly all of an edge. */
const DEVIATIONS = 4;

async function soften({ shape, data }: Tensor, feather: number): Promise<Uint8Array> {
  const [, , height = 0, width = 0] = shape;
  const bytes = Uint8Array.from(data, (value) => Math.round(value * 255));
  return sharp(bytes, { raw: { width, height, channels: 1 } })
    .blur(Math.max(0.3, feather / DEVIATIONS))
    .extractChannel(0)
    .raw({ depth: 'uchar' })
    .toBuffer();
}
