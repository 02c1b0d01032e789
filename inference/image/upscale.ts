import { withPngTexts } from '../../commands/png-text.ts';
import { decoded, openPicture, sizeOfPicture } from './decode.ts';

export interface UpscaledPicture {
  readonly picture: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Enlarges an encoded picture `factor` times along each side by Lanczos' filter, as a PNG with these texts. It grows no
 * detail. Rejects with an `invalid` EngineError for bytes that are no picture.
 */
export async function upscaleLanczos(
  bytes: Uint8Array,
  factor: number,
  texts: Readonly<Record<string, string>>,
): Promise<UpscaledPicture> {
  const { width, height } = await sizeOfPicture(bytes);
  const enlarged = openPicture(bytes).resize({
    width: width * factor,
    height: height * factor,
    fit: 'fill',
    kernel: 'lanczos3',
  });
  const { data, info } = await decoded(enlarged.png().toBuffer({ resolveWithObject: true }));
  return { picture: withPngTexts(data, texts), width: info.width, height: info.height };
}
