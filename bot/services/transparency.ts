/** From this alpha on a pixel counts as there. */
export const OPAQUE = 128;

/** A hole's side as a share of the picture's shorter one: corners, borders and stray pixels of screenshots are less. */
const HOLE_SHARE = 1 / 32;
/** Two latent values, in pixels: the UNet draws nothing smaller to any purpose. */
const SMALLEST_HOLE = 16;
/** From this alpha on a pixel looks opaque. */
const NEARLY_OPAQUE = 250;
/** How far the values of one colour may lie apart, as a lossy format leaves them. */
const ONE_COLOUR = 24;
/** How many of a mask's pixels must be nearly black or white: edges are drawn softly. */
const BLACK_AND_WHITE_SHARE = 0.9;

/** The size of a picture's samples, and how much smaller than the picture it is. */
export interface Sample {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** Pixels of red, green, blue and alpha, 8 bits each. */
export interface RgbaPixels extends Sample {
  readonly data: Uint8Array;
}

/**
 * How a mask with transparent parts is to be read: by its lightness, by what is painted on nothing, or by what was erased
 * from a picture. `faint`: it was erased only halfway, so that it is none of these.
 */
export type MaskReading = 'lightness' | 'strokes' | 'hole' | 'faint';

/** As many pixels as are judged one by one: what is found in them holds of a larger picture that they are samples of. */
export const JUDGED_SIDE = 512;

/** Whether these alpha values leave a part out that is worth drawing: it holds a whole square of some size. */
export function hasHole(alpha: Uint8Array, sample: Sample, opaque: number = OPAQUE): boolean {
  const { width, height, scale } = sample;
  const side = Math.max(SMALLEST_HOLE * scale, Math.min(width, height) * HOLE_SHARE);
  return holdsSquare(alpha, width, opaque, Math.max(1, Math.min(Math.round(side), width, height)));
}

/**
 * How a person meant this mask. What is painted in one colour on a transparent layer is strokes, as the AUTOMATIC1111 web UI
 * reads it; black and white are read as such, whatever is transparent beside them.
 */
export function readingOf(pixels: RgbaPixels): MaskReading {
  const alpha = pixels.data.filter((_, index) => index % 4 === 3);
  if (hasHole(alpha, pixels)) {
    const { isOneColour, isBlackAndWhite } = coloursOf(pixels, OPAQUE);
    if (isOneColour) return 'strokes';
    return isBlackAndWhite ? 'lightness' : 'hole';
  }
  const isFaint = hasHole(alpha, pixels, NEARLY_OPAQUE) && !coloursOf(pixels, 0).isBlackAndWhite;
  return isFaint ? 'faint' : 'lightness';
}

/** The largest square that ends at each pixel grows by one from the smallest of its three neighbours'. */
function holdsSquare(alpha: Uint8Array, width: number, opaque: number, side: number): boolean {
  const above = new Uint32Array(width + 1);
  for (let start = 0; start < alpha.length; start += width) {
    let diagonal = 0;
    for (let column = 1; column <= width; column++) {
      const up = above[column] ?? 0;
      const isThere = (alpha[start + column - 1] ?? 0) >= opaque;
      above[column] = isThere ? 0 : Math.min(up, above[column - 1] ?? 0, diagonal) + 1;
      if ((above[column] ?? 0) >= side) return true;
      diagonal = up;
    }
  }
  return false;
}

/** What colours the pixels have whose alpha is at least this. A picture has millions: nothing is made for each of them. */
function coloursOf({ data }: RgbaPixels, least: number): { isOneColour: boolean; isBlackAndWhite: boolean } {
  const lowest = [255, 255, 255];
  const highest = [0, 0, 0];
  let [shown, plain] = [0, 0];
  for (let pixel = 0; pixel < data.length; pixel += 4) {
    if ((data[pixel + 3] ?? 0) < least) continue;
    shown += 1;
    let [darkest, lightest] = [255, 0];
    for (let channel = 0; channel < 3; channel++) {
      const value = data[pixel + channel] ?? 0;
      darkest = Math.min(darkest, value);
      lightest = Math.max(lightest, value);
      lowest[channel] = Math.min(lowest[channel] ?? 255, value);
      highest[channel] = Math.max(highest[channel] ?? 0, value);
    }
    if (lightest <= ONE_COLOUR || darkest >= 255 - ONE_COLOUR) plain += 1;
  }
  return {
    isOneColour: lowest.every((value, channel) => (highest[channel] ?? 0) - value <= ONE_COLOUR),
    isBlackAndWhite: plain >= shown * BLACK_AND_WHITE_SHARE,
  };
}
