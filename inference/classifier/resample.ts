import type { RgbBytes } from '../image/pixels.ts';

/*
 * Pillow's resize of 8-bit pictures, to the byte, because classifiers were trained behind it: a separable convolution whose
 * kernel grows with the reduction, first along rows, then along columns, in fixed point and rounded after each.
 * https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters
 */

export type Filter = 'nearest' | 'lanczos' | 'bilinear' | 'bicubic' | 'box' | 'hamming';

interface Kernel {
  /** It is zero from here on. */
  readonly support: number;
  weigh(distance: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Keys' cubic with a = -0.5. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

const KERNELS: Readonly<Record<Exclude<Filter, 'nearest'>, Kernel>> = {
  box: { support: 0.5, weigh: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weigh: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weigh: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0) },
  bicubic: { support: 2, weigh: cubic },
  lanczos: { support: 3, weigh: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Fixed point: what is left of 32 bits beside 8 of the pixel and 2 for sums beyond its range. */
const ONE = 2 ** 22;

/** Scales to exactly this size. */
export function resize(picture: RgbBytes, width: number, height: number, filter: Filter): RgbBytes {
  if (filter === 'nearest') return nearest(picture, width, height);
  const kernel = KERNELS[filter];
  const wide = width === picture.width ? picture : alongRows(picture, width, kernel);
  return height === wide.height ? wide : transposed(alongRows(transposed(wide), height, kernel));
}

function nearest({ width: from, height, data }: RgbBytes, width: number, rows: number): RgbBytes {
  const columns = nearestPlaces(from, width);
  const out = new Uint8Array(3 * width * rows);
  nearestPlaces(height, rows).forEach((row, y) => {
    columns.forEach((column, x) => {
      const source = 3 * (row * from + column);
      out.set(data.subarray(source, source + 3), 3 * (y * width + x));
    });
  });
  return { width, height: rows, data: out };
}

/** Added up rather than multiplied, as Pillow does: where a place falls between two pixels, the rounding decides. */
function nearestPlaces(from: number, to: number): readonly number[] {
  const step = from / to;
  const places: number[] = [];
  for (let at = step / 2; places.length < to; at += step) places.push(Math.min(from - 1, Math.trunc(at)));
  return places;
}

/** Which pixels of a row one pixel of the scaled row is made of, and how much of each. */
interface Window {
  readonly from: number;
  readonly weights: Int32Array;
}

function windowsOf(from: number, to: number, { support, weigh }: Kernel): readonly Window[] {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(from, Math.trunc(centre + support * stretch + 0.5));
    const weights = Array.from({ length: end - first }, (_, offset) =>
      weigh((first + offset - centre + 0.5) / stretch),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { from: first, weights: Int32Array.from(weights, (weight) => fixed(sum === 0 ? weight : weight / sum)) };
  });
}

/** Rounded half away from zero. */
function fixed(weight: number): number {
  return Math.trunc(weight * ONE + (weight < 0 ? -0.5 : 0.5));
}

function alongRows({ width: from, height, data }: RgbBytes, width: number, kernel: Kernel): RgbBytes {
  const windows = windowsOf(from, width, kernel);
  const out = new Uint8ClampedArray(3 * width * height);
  for (let y = 0; y < height; y++) {
    windows.forEach(({ from: first, weights }, x) => {
      for (let channel = 0; channel < 3; channel++) {
        let sum = ONE / 2;
        for (let offset = 0; offset < weights.length; offset++) {
          sum += (data[3 * (y * from + first + offset) + channel] ?? 0) * (weights[offset] ?? 0);
        }
        out[3 * (y * width + x) + channel] = Math.floor(sum / ONE);
      }
    });
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}

function transposed({ width, height, data }: RgbBytes): RgbBytes {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = 3 * (y * width + x);
      out.set(data.subarray(source, source + 3), 3 * (x * height + y));
    }
  }
  return { width: height, height: width, data: out };
}
