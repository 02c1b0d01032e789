import { rowsOf } from '../checkpoint/rows.ts';
import type { StoredTensor, Weights } from '../checkpoint/weights.ts';
import { rangeName } from './matrix.ts';

/** The layers of transformers, and of the autoencoder's attention, which may be stored as convolutions of one pixel. */
const LINEAR = /(^|\.)attentions\..*\.weight$/;
/** The convolutions between the first and the last, which see few channels and are the most sensitive. */
const CONVOLUTION = /\.(conv1|conv2|conv_shortcut|conv)\.weight$/;
/** A gated layer, whose two halves are computed apart (models/unet/transformer.ts). */
const GATED = /\.ff\.net\.0\.proj\.weight$/;

/**
 * The weights of a UNet or an autoencoder that are worth rounding: those that do nearly all of its work. Norms and the
 * embeddings of time and size are small and sensitive.
 */
export function quantizable(weights: Weights): Weights {
  return new Map([...weights].filter(([name, stored]) => isLinear(name, stored) || isConvolution(name, stored)));
}

export function isLinear(name: string, { shape, transposed }: StoredTensor): boolean {
  return LINEAR.test(name) && shape.length >= 2 && !transposed;
}

function isConvolution(name: string, { shape }: StoredTensor): boolean {
  return CONVOLUTION.test(name) && shape.length === 4;
}

/** A weight by the parts that are computed apart, under their names. */
export function partsOf(name: string, stored: StoredTensor): readonly (readonly [string, StoredTensor])[] {
  if (!GATED.test(name)) return [[name, stored]];
  const [rows = 0] = stored.shape;
  return [
    [0, rows / 2],
    [rows / 2, rows],
  ].map(([start = 0, end = 0]) => [rangeName(name, start, end), rowsOf(stored, start, end)] as const);
}
