import sharp, { type Metadata } from 'sharp';
import { pictureType } from '../../commands/picture-type.ts';
import { UserError } from '../../commands/request.ts';

const MAX_BYTES = 25_000_000;
/** A small file can claim a side of thousands of megapixels. */
const MAX_PIXELS = 64_000_000;

/** The size of a picture that a person gave, as it stands upright. Rejects with a UserError where it is none or too large. */
export async function checkPicture(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  if (bytes.byteLength > MAX_BYTES) {
    throw new UserError('too_large', ({ files }) => files.pictureBytes(bytes.byteLength, MAX_BYTES));
  }
  const metadata = pictureType(bytes) === null ? null : await metadataOf(bytes);
  if (metadata === null) {
    throw new UserError('no_picture', ({ files }) => files.noPicture);
  }
  const { width, height } = metadata.autoOrient;
  if (width * height > MAX_PIXELS) {
    throw new UserError('too_large', ({ files }) => files.picturePixels(`${width}x${height}`, MAX_PIXELS));
  }
  return { width, height };
}

/** Null for bytes that only begin as a picture. */
function metadataOf(bytes: Uint8Array): Promise<Metadata | null> {
  return sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
    .metadata()
    .catch(() => null);
}
