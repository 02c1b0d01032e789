import sharp, { type Sharp } from 'sharp';
import { EngineError } from '../../commands/engine.ts';
import { pictureType } from '../../commands/picture-type.ts';
import { isOutOfMemory } from '../out-of-memory.ts';
import type { Tensor } from '../tensor.ts';
import { fromBytes } from './pixels.ts';

export interface DecodeLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** A photograph of 100 megapixels decodes to 0.3 GB, which one task may take; its file has some 25 MB. */
const LIMITS: DecodeLimits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes an uploaded picture to [1, 3, height, width] in 0 .. 1: turned upright, transparency on white, the first frame
 * of several. Where its size is another, it is scaled by Lanczos' filter to cover `size`, and what sticks out is cut off
 * evenly. The bytes are untrusted: rejects with an `invalid` EngineError for anything but a sound PNG, JPEG, WebP or GIF
 * within the limits.
 */
export async function decodePicture(
  bytes: Uint8Array,
  { width, height }: PictureSize,
  limits: DecodeLimits = LIMITS,
): Promise<Tensor> {
  const upright = openPicture(bytes, limits);
  const fitted = upright.resize({ width, height, fit: 'cover', kernel: 'lanczos3' });
  const { data, info } = await decoded(fitted.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }));
  return fromBytes({ width: info.width, height: info.height, data });
}

/** An uploaded picture's size as it stands upright; rejects as `decodePicture`. */
export async function sizeOfPicture(bytes: Uint8Array): Promise<PictureSize> {
  const { autoOrient } = await decoded(openPicture(bytes).metadata());
  return autoOrient;
}

/**
 * Decodes an uploaded mask to its lightness, [1, 1, height, width] in 0 .. 1: fitted as `decodePicture` fits the picture
 * that it is for, and rejecting as that does.
 */
export async function decodeMask(
  bytes: Uint8Array,
  { width, height }: PictureSize,
  limits: DecodeLimits = LIMITS,
): Promise<Tensor> {
  const fitted = openPicture(bytes, limits).resize({ width, height, fit: 'cover', kernel: 'lanczos3' });
  const grey = fitted.toColourspace('b-w').extractChannel(0);
  const { data } = await decoded(grey.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }));
  return { shape: [1, 1, height, width], data: Float32Array.from(data, (value) => value / 255) };
}

/** An uploaded picture's alpha in 0 .. 1, [1, 1, height, width], fitted as `decodePicture` fits its colours; null: it has none. */
export async function decodeAlpha(bytes: Uint8Array, { width, height }: PictureSize): Promise<Tensor | null> {
  const picture = sharp(bytes, { limitInputPixels: LIMITS.maxPixels, failOn: 'truncated', pages: 1 });
  if (!(await decoded(picture.metadata())).hasAlpha) return null;
  const fitted = picture
    .autoOrient()
    .extractChannel('alpha')
    .resize({ width, height, fit: 'cover', kernel: 'lanczos3' });
  const data = await decoded(fitted.raw({ depth: 'uchar' }).toBuffer());
  return { shape: [1, 1, height, width], data: Float32Array.from(data, (value) => value / 255) };
}

/** An uploaded picture, upright and opaque in sRGB, not yet decoded; throws and later rejects as `decodePicture`. */
export function openPicture(bytes: Uint8Array, { maxBytes, maxPixels }: DecodeLimits = LIMITS): Sharp {
  if (bytes.length > maxBytes) {
    throw new EngineError(
      'invalid',
      `The picture has ${bytes.length} bytes, and at most ${maxBytes} are read: attach a smaller one.`,
    );
  }
  if (pictureType(bytes) === null) {
    throw new EngineError(
      'invalid',
      'The attachment is not a picture that can be read: attach a PNG, JPEG, WebP or GIF.',
    );
  }
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: 'truncated', pages: 1 })
    .autoOrient()
    .flatten({ background: 'white' })
    .toColourspace('srgb');
}

/** Awaits a picture of `openPicture` and says in one line why it cannot be decoded. */
export async function decoded<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    // That is not the picture's fault, and another try may have it.
    if (isOutOfMemory(reason)) throw error;
    const message = /pixel limit/i.test(reason)
      ? 'The picture has too many pixels: attach a smaller one.'
      : `The picture cannot be decoded (${reason}): save it anew, or attach another.`;
    throw new EngineError('invalid', message);
  }
}
