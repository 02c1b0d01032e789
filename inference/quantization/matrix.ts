import type { StoredTensor } from '../checkpoint/weights.ts';

/** The largest magnitude of a symmetric 8-bit integer. */
const INT8_MAX = 127;

/** Columns that are rounded together: few enough for a processor's cache, enough to write whole lines of memory. */
const BLOCK = 64;

/** A matrix in 8-bit integers where it lies on disk: its column c is that of `values` times `scales[c]`. */
export interface QuantizedWeight {
  /** I8 [inputs, outputs]; a kernel's inputs are in the order height, width, channel. */
  readonly values: StoredTensor;
  /** F32 [outputs] */
  readonly scales: StoredTensor;
}

/**
 * By the name of the parameter that each stands for. Outputs that are computed apart are apart here too, under the
 * name of their range (`rangeName`).
 */
export type QuantizedWeights = ReadonlyMap<string, QuantizedWeight>;

export function rangeName(parameter: string, start: number, end: number): string {
  return `${parameter}[${start}:${end}]`;
}

/**
 * Turns a weight as PyTorch stores it, [outputs, channels, ...kernel], into the right-hand side of a product with rows
 * of inputs, and rounds each column to multiples of a 127th of its largest magnitude, which loses at most half of that:
 * the finest symmetric scale that clips nothing.
 */
export function quantizeMatrix(
  weight: Float32Array,
  shape: readonly number[],
): { values: Int8Array; scales: Float32Array } {
  const [outputs = 1, channels = 1] = shape;
  const inputs = weight.length / outputs;
  const places = inputs / channels;
  const scales = Float32Array.from({ length: outputs }, (_, output) => scaleOf(weight, output * inputs, inputs));
  const values = new Int8Array(weight.length);
  for (let first = 0; first < outputs; first += BLOCK) {
    const last = Math.min(first + BLOCK, outputs);
    for (let place = 0; place < places; place++) {
      for (let channel = 0; channel < channels; channel++) {
        const source = channel * places + place;
        const target = (place * channels + channel) * outputs;
        for (let output = first; output < last; output++) {
          values[target + output] = Math.round((weight[output * inputs + source] ?? 0) / (scales[output] ?? 1));
        }
      }
    }
  }
  return { values, scales };
}

function scaleOf(weight: Float32Array, start: number, length: number): number {
  let largest = 0;
  for (let i = start; i < start + length; i++) largest = Math.max(largest, Math.abs(weight[i] ?? 0));
  // A column of zeros has no largest magnitude; any scale stands for it.
  return largest === 0 ? 1 : largest / INT8_MAX;
}
