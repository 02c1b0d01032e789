import { concatenate, rowOf, type Tensor } from '../tensor.ts';
import type { Predict } from './denoise.ts';
import { LATENT_FACTOR } from './latents.ts';
import { type Area, areasOf, crop, inTiles, type Tiling } from './tiles.ts';

/** How a picture is drawn that is larger than its model draws well: through windows of the size that the model knows. */
export interface Windows {
  readonly tiling: Tiling;
  /** What every window is told that the picture's size is, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** How many passes one call takes. */
  readonly count: number;
  /** Whether anything is drawn there. */
  readonly isDrawn: (area: Area) => boolean;
}

/** The share of a window's side that neighbours have in common: enough for what they draw to agree. */
const OVERLAP = 1 / 4;

/**
 * The windows of a latent [1, C, h, w] for a model that was trained on squares of `side` latent values: one where the latent
 * is no larger. Under a mask [1, 1, h, w] those in which nothing is drawn are passed over.
 */
export function windowsOf(latent: readonly number[], side: number, mask: Tensor | null): Windows {
  const [, , rows = 0, columns = 0] = latent;
  const tiling = { side, overlap: Math.round(side * OVERLAP), margin: 0, inputCell: 1, outputCell: 1 };
  const isDrawn = (area: Area): boolean => mask === null || crop(mask, area, 1).data.some((value) => value > 0);
  const areas = areasOf(rows, columns, tiling);
  const [first = { rows, columns }] = areas;
  return {
    tiling,
    size: { width: first.columns * LATENT_FACTOR, height: first.rows * LATENT_FACTOR },
    count: areas.filter(isDrawn).length,
    isDrawn,
  };
}

/**
 * One pass over the whole latent, made of passes over its windows whose outputs are averaged where they overlap, at every
 * step anew (MultiDiffusion, Bar-Tal et al. 2023): so no seam can come to be, and the UNet's memory does not grow with the
 * picture. Before each pass the signal is looked at; after it `passDone` is told its share of the time.
 */
export function throughWindows(
  predict: Predict,
  { tiling, isDrawn }: Windows,
  signal: AbortSignal,
  passDone: (seconds: number) => void,
): Predict {
  return async (unet, call) => {
    const sides = call.conditionings.length;
    const [, channels = 0, ...size] = call.sample.shape;
    const outputs = await inTiles(call.sample, tiling, async ({ shape, data }, area) => {
      const [, , rows = 0, columns = 0] = shape;
      const joined = [1, sides * channels, rows, columns];
      if (!isDrawn(area)) return { shape: joined, data: new Float32Array(sides * data.length) };
      signal.throwIfAborted();
      const answer = await predict(unet, { ...call, sample: { shape, data } });
      passDone(answer.seconds);
      return { shape: joined, data: concatenate(answer.outputs).data };
    });
    const bySide = { shape: [sides, channels, ...size], data: outputs.data };
    return { outputs: call.conditionings.map((_, index) => rowOf(bySide, index)), seconds: 0 };
  };
}
