import sharp, { type Sharp } from 'sharp';
import { UserError } from '../../commands/request.ts';
import { checkPicture, decodable } from './check-picture.ts';
import { hasHole, JUDGED_SIDE, OPAQUE, type RgbaPixels, readingOf } from './transparency.ts';

/** Nothing larger can be drawn. */
const MAX_SIDE = 4096;

/** How much the ratio of a mask's sides may differ from its picture's: a pixel more or less is no other picture. */
const RATIO_TOLERANCE = 0.02;
const WHITE = 255;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture that a person gave, as it is kept: upright, of at most 4096x4096, without its metadata, in PNG. */
export interface UprightPicture extends Size {
  readonly picture: Uint8Array;
  /** The mask of its transparent part; null where none is worth drawing. */
  readonly hole: Uint8Array | null;
}

/**
 * Decodes a picture once and writes it anew, so that nothing of its file is kept but what is to be seen: no place and no
 * camera, nothing behind its end. Rejects with a `UserError` where it cannot be read.
 */
export async function uprightPicture(bytes: Uint8Array): Promise<UprightPicture> {
  await checkPicture(bytes);
  return decodable(async () => {
    const { data: picture, info } = await sharp(bytes, DECODING)
      .autoOrient()
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .png({ compressionLevel: 3 })
      .toBuffer({ resolveWithObject: true });
    return { picture, hole: await transparentPart(picture), width: info.width, height: info.height };
  });
}

const DECODING = { limitInputPixels: false, failOn: 'error' } as const;

/**
 * The transparent part of a picture as a mask, white where nothing is; null where it is all there, or where only specks and
 * edges are missing, which nobody means to have drawn.
 */
export async function transparentPart(bytes: Uint8Array): Promise<Uint8Array | null> {
  const { hasAlpha } = await sharp(bytes, DECODING).metadata();
  if (!hasAlpha) return null;
  const { data, info } = await sharp(bytes, DECODING)
    .autoOrient()
    .extractChannel('alpha')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const alpha = { data, width: info.width, height: info.height, channels: 1 } as const;
  const { data: few, ...sample } = await sampled(alpha);
  return hasHole(few, sample) ? greyPng(await whiteFrom(data, info, { negated: true }), info) : null;
}

/**
 * A mask that a person gave for a picture of this size, as a grey PNG that is white where to draw: white on black, strokes of
 * one colour on nothing, or a picture with a hole. Rejects with a `UserError` for one of another shape, or that marks nothing.
 */
export async function readMask(bytes: Uint8Array, picture: Size): Promise<Uint8Array> {
  const { width, height } = await checkPicture(bytes);
  const ratio = width / height / (picture.width / picture.height);
  if (Math.abs(ratio - 1) > RATIO_TOLERANCE) {
    const [given, wanted] = [`${width}x${height}`, `${picture.width}x${picture.height}`];
    throw new UserError('mask', ({ files }) => files.maskShape(given, wanted));
  }
  const data = await decodable(() => markedPart(bytes, picture));
  if (!(await whiteFrom(data, picture)).includes(WHITE)) {
    throw new UserError('mask', ({ files }) => files.maskEmpty);
  }
  return greyPng(data, picture);
}

/** How strongly each pixel is marked, 0 to 255. No more than the picture's size is held in memory. */
async function markedPart(bytes: Uint8Array, picture: Size): Promise<Uint8Array> {
  const { hasAlpha } = await sharp(bytes, DECODING).metadata();
  const fitted = sharp(bytes, DECODING)
    .autoOrient()
    .resize({ ...picture, fit: 'fill' });
  const lightness = () => fitted.clone().flatten({ background: 'black' }).toColourspace('b-w').extractChannel(0);
  const raw = (part: Sharp) => part.raw({ depth: 'uchar' }).toBuffer();
  if (!hasAlpha) return raw(lightness());
  const { width, height } = picture;
  const data = await raw(fitted.clone().toColourspace('srgb').ensureAlpha());
  const alpha = () => raw(sharp(data, { raw: { width, height, channels: 4 } }).extractChannel(3));
  switch (readingOf(await sampled({ data, width, height, channels: 4 }))) {
    case 'lightness':
      return raw(lightness());
    case 'strokes':
      return alpha();
    case 'hole':
      return whiteFrom(await alpha(), picture, { negated: true });
    case 'faint':
      throw new UserError('mask', ({ files }) => files.maskFaint);
  }
}

/** As few pixels as can be judged one by one while nobody waits for the event loop. */
async function sampled(pixels: Size & { readonly data: Uint8Array; readonly channels: 1 | 4 }): Promise<RgbaPixels> {
  const { data, width, height, channels } = pixels;
  const most = Math.max(width, height);
  if (most <= JUDGED_SIDE) return { data, width, height, scale: 1 };
  const whole = sharp(data, { raw: { width, height, channels } });
  const few = whole.resize({ width: JUDGED_SIDE, height: JUDGED_SIDE, fit: 'inside', kernel: 'nearest' });
  const { data: samples, info } = await (channels === 1 ? few.toColourspace('b-w').extractChannel(0) : few)
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data: samples, width: info.width, height: info.height, scale: JUDGED_SIDE / most };
}

/** White from half on, else black; beside the event loop, as everything that looks at each pixel. */
function whiteFrom(
  grey: Uint8Array,
  { width, height }: Size,
  { negated }: { readonly negated: boolean } = { negated: false },
): Promise<Uint8Array> {
  return sharp(grey, { raw: { width, height, channels: 1 } })
    .negate(negated)
    .threshold(OPAQUE)
    .toColourspace('b-w')
    .extractChannel(0)
    .raw({ depth: 'uchar' })
    .toBuffer();
}

function greyPng(data: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}
