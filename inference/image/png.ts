import sharp from 'sharp';
import { withPngTexts } from '../../commands/png-text.ts';
import type { Tensor } from '../tensor.ts';
import { toBytes } from './pixels.ts';

/**
 * Encodes a picture [1, 3, H, W] in 0 .. 1 as an 8-bit PNG that carries these texts by keyword. Nothing else goes in: no
 * clock time and no machine's name.
 */
export async function encodePng(picture: Tensor, texts: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const { width, height, data } = toBytes(picture);
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return withPngTexts(png, texts);
}
