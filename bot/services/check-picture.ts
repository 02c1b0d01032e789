import sharp, { type Metadata } from 'sharp';
import { pictureType } from '../../commands/picture-type.ts';
import { UserError } from '../../commands/request.ts';

const MAX_BYTES = 25_000_000;
/** The largest picture that can be drawn is of 4096x4096. A small file can claim thousands of megapixels. */
const MAX_PIXELS = 4096 * 4096;
/** A camera's photograph: a JPEG that is not progressive is decoded row by row. */
const MAX_JPEG_PIXELS = 64_000_000;
/** Interlaced files, and such of 16 bits a channel, are held in memory whole, at twice the size or more. */
const MAX_COSTLY_PIXELS = 2048 * 4096;

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
  const most = maxPixelsOf(metadata);
  if (width * height > most) {
    throw new UserError('too_large', ({ files }) => files.picturePixels(`${width}x${height}`, most));
  }
  return { width, height };
}

function maxPixelsOf({ format, isProgressive, depth }: Metadata): number {
  if (format === 'jpeg') return isProgressive === true ? MAX_PIXELS : MAX_JPEG_PIXELS;
  return isProgressive === true || depth !== 'uchar' ? MAX_COSTLY_PIXELS : MAX_PIXELS;
}

/** What a decoder says of a damaged file, as a refusal; anything else rejects as it was. */
export async function decodable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError || isOutOfRoom(error)) throw error;
    throw new UserError('no_picture', ({ files }) => files.noPicture);
  }
}

const isOutOfRoom = (error: unknown): boolean =>
  error instanceof Error && /out of memory|ENOSPC|thread/i.test(error.message);

/** Null for bytes that only begin as a picture. */
function metadataOf(bytes: Uint8Array): Promise<Metadata | null> {
  return sharp(bytes, { limitInputPixels: false, failOn: 'error' })
    .metadata()
    .catch(() => null);
}
