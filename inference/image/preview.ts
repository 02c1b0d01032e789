import sharp from 'sharp';
import type { Tensor } from '../tensor.ts';
import { toBytes } from './pixels.ts';
import { XMP_PACKET } from './recipe-texts.ts';

/** The longer side of a preview in pixels: enough to be recognised on a phone, some 10 kB to send. */
const LONGER_SIDE = 256;
const QUALITY = 70;

/** A small picture [1, 3, h, w] in 0 .. 1, such as a latent's, as a JPEG with smooth edges. */
export async function encodePreview(picture: Tensor): Promise<Uint8Array> {
  const { width, height, data } = toBytes(picture);
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: LONGER_SIDE, height: LONGER_SIDE, fit: 'inside', kernel: 'cubic' })
    .withXmp(XMP_PACKET)
    .jpeg({ quality: QUALITY })
    .toBuffer();
  return new Uint8Array(jpeg);
}
