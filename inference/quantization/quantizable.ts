import type { Arithmetic } from '../../commands/engine.ts';
import { rowsOf } from '../checkpoint/rows.ts';
import type { StoredTensor, Weights } from '../checkpoint/weights.ts';
import { rangeName } from './matrix.ts';

/** The layers of transformers, some of which may be stored as convolutions of one pixel. */
const LINEAR = /(^|\.)attentions\..*\.weight(\[|$)/;
/** The convolutions between the first and the last, which see few channels and are the most sensitive. */
const CONVOLUTION = /\.(conv1|conv2|conv_shortcut|conv)\.weight$/;
/** A gated layer, whose two halves are computed apart (models/unet/transformer.ts). */
const GATED = /\.ff\.net\.0\.proj\.weight$/;

/**
 * A UNet's weights by how an arithmetic takes them. Worth rounding are those that do nearly all of its work; norms and
 * the embeddings of time and size are small and sensitive.
 */
export function splitByRounding(weights: Weights, arithmetic: Arithmetic): { rounded: Weights; exact: Weights } {
  const isRounded = ([name, { shape, transposed }]: readonly [string, StoredTensor]): boolean =>
    shape.length >= 2 &&
    !transposed &&
    (arithmetic === 'int8' ? isLinear(name) || CONVOLUTION.test(name) : arithmetic === 'int8-linear' && isLinear(name));
  return {
    rounded: new Map([...weights].filter(isRounded)),
    exact: new Map([...weights].filter((entry) => !isRounded(entry))),
  };
}

/** Whether a weight, or a part of one, is of a linear layer. */
export function isLinear(name: string): boolean {
  return LINEAR.test(name);
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
