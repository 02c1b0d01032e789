import sharp from 'sharp';
import type { Place } from '../../commands/parameters/start-picture.ts';
import type { Tensor } from '../tensor.ts';
import { decoded, openPicture, type PictureSize } from './decode.ts';
import { fromBytes } from './pixels.ts';

/** How much of the canvas's longer side the blur reaches that hides the edge's mirror image, as a standard deviation. */
const BLUR = 1 / 24;

/**
 * A picture at its place on a canvas, [1, 3, H, W] in 0 .. 1. What is around it is its own mirror image, blurred: colours
 * and light to begin from, and no edge. Rejects as `decodePicture`.
 */
export async function placePicture(bytes: Uint8Array, place: Place, { width, height }: PictureSize): Promise<Tensor> {
  const inner = await decoded(
    openPicture(bytes)
      .resize({ width: place.width, height: place.height, fit: 'fill', kernel: 'lanczos3' })
      .png()
      .toBuffer(),
  );
  const mirrored = await sharp(inner)
    .extend({
      left: place.x,
      top: place.y,
      right: width - place.x - place.width,
      bottom: height - place.y - place.height,
      extendWith: 'copy',
    })
    .toBuffer();
  const { data, info } = await sharp(mirrored)
    .blur(Math.max(1, Math.max(width, height) * BLUR))
    .composite([{ input: inner, left: place.x, top: place.y }])
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return fromBytes({ width: info.width, height: info.height, data });
}

/**
 * The mask [1, 1, H, W] of what is around a place: 1 there, and within it falling to 0 over `inset` pixels from each side
 * that is not the canvas's own.
 */
export function maskAround(place: Place, inset: number, { width, height }: PictureSize): Tensor {
  const columns = depths(place.x, place.width, width);
  const rows = depths(place.y, place.height, height);
  const data = Float32Array.from({ length: width * height }, (_, index) => {
    const depth = Math.min(columns[index % width] ?? 0, rows[Math.floor(index / width)] ?? 0);
    return depth <= 0 ? 1 : Math.max(0, 1 - depth / Math.max(1, inset));
  });
  return { shape: [1, 1, height, width], data };
}

/** How deep each pixel along a side lies within the place, in pixels from its nearest inner edge; 0 and below: outside. */
function depths(start: number, length: number, total: number): Float32Array {
  const end = start + length;
  return Float32Array.from({ length: total }, (_, position) => {
    const before = start === 0 ? Number.POSITIVE_INFINITY : position + 0.5 - start;
    const after = end === total ? Number.POSITIVE_INFINITY : end - position - 0.5;
    return Math.min(before, after);
  });
}
