import sharp from 'sharp';
import { withPngTexts } from '../../commands/png-text.ts';
import type { Tensor } from '../tensor.ts';
import type { PictureSize } from './decode.ts';
import { toBytes } from './pixels.ts';

/**
 * Encodes a picture [1, 3, H, W] in 0 .. 1 as an 8-bit PNG that carries these texts by keyword. Nothing else goes in: no
 * clock time and no machine's name. Where a size is given, the picture is scaled to it by Lanczos' filter.
 */
export async function encodePng(
  picture: Tensor,
  texts: Readonly<Record<string, string>>,
  size?: PictureSize,
): Promise<Uint8Array> {
  const { width, height, data } = toBytes(picture);
  const raw = sharp(data, { raw: { width, height, channels: 3 } });
  const isScaled = size !== undefined && (size.width !== width || size.height !== height);
  const png = await (isScaled ? raw.resize({ ...size, fit: 'fill', kernel: 'lanczos3' }) : raw).png().toBuffer();
  return withPngTexts(png, texts);
}
