import type { StoredTensor } from '../checkpoint/weights.ts';

/** The largest magnitude of a symmetric 8-bit integer. */
const INT8_MAX = 127;

/** A matrix in 8-bit integers where it lies on disk: row r of the matrix is `values[r] * scales[r]`. */
export interface QuantizedWeight {
  /** I8 [rows, columns] */
  readonly values: StoredTensor;
  /** F32 [rows] */
  readonly scales: StoredTensor;
}

/** By the name of the parameter that each stands for. */
export type QuantizedWeights = ReadonlyMap<string, QuantizedWeight>;

/**
 * Rounds each row to multiples of a 127th of its largest magnitude, which loses at most half of that: the finest
 * symmetric scale that clips nothing.
 */
export function quantizeRows(matrix: Float32Array, rows: number): { values: Int8Array; scales: Float32Array } {
  const columns = matrix.length / rows;
  const values = new Int8Array(matrix.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * columns, (row + 1) * columns];
    let largest = 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(matrix[i] ?? 0));
    // A row of zeros has no largest magnitude; any scale stands for it.
    const scale = largest === 0 ? 1 : largest / INT8_MAX;
    scales[row] = scale;
    for (let i = start; i < end; i++) values[i] = Math.round((matrix[i] ?? 0) / scale);
  }
  return { values, scales };
}
