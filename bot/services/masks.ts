import sharp from 'sharp';
import { UserError } from '../../commands/request.ts';
import { checkPicture } from './check-picture.ts';

/** How much the ratio of a mask's sides may differ from its picture's: a pixel more or less is no other picture. */
const RATIO_TOLERANCE = 0.02;
/** From this alpha on a pixel counts as there. */
const OPAQUE = 128;
const WHITE = 255;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The transparent part of a picture as a mask, white where nothing is; null where it is all there. */
export async function transparentPart(bytes: Uint8Array): Promise<Uint8Array | null> {
  const { hasAlpha } = await sharp(bytes).metadata();
  if (!hasAlpha) return null;
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .extractChannel('alpha')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const missing = data.map((alpha) => (alpha < OPAQUE ? WHITE : 0));
  return missing.includes(WHITE) ? greyPng(missing, info) : null;
}

/**
 * A mask that a person gave for a picture of this size, as a grey PNG that is white where to draw: white on black, or a
 * picture whose transparent part is meant. Rejects with a `UserError` for one of another shape, or that marks nothing.
 */
export async function readMask(bytes: Uint8Array, picture: Size): Promise<Uint8Array> {
  const { width, height } = await checkPicture(bytes);
  const ratio = width / height / (picture.width / picture.height);
  if (Math.abs(ratio - 1) > RATIO_TOLERANCE) {
    const [given, wanted] = [`${width}x${height}`, `${picture.width}x${picture.height}`];
    throw new UserError('mask', ({ files }) => files.maskShape(given, wanted));
  }
  const hole = await transparentPart(bytes);
  const { data, info } = await sharp(hole ?? bytes)
    .autoOrient()
    .flatten({ background: 'black' })
    .resize({ ...picture, fit: 'fill' })
    .toColourspace('b-w')
    .extractChannel(0)
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (!data.some((value) => value >= OPAQUE)) {
    throw new UserError('mask', ({ files }) => files.maskEmpty);
  }
  return greyPng(data, info);
}

function greyPng(data: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}
