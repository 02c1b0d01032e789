import { sizeOf, type Tensor } from '../tensor.ts';
import type { Adapter, KroneckerFactor, MatrixProduct } from './adapter.ts';
import { readTensors } from './safetensors.ts';

/** A row-major matrix. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/**
 * The whole change of a weight at strength 1, its scale included, in the weight's shape and in float32: for adapters
 * that are no low-rank branch, and to merge one for good. It is as large as the weight itself.
 */
export async function adapterDelta(adapter: Adapter): Promise<Tensor> {
  const delta = await unscaledDelta(adapter);
  const data = delta.data.map((value) => value * adapter.scale);
  if (data.length !== sizeOf(adapter.shape)) {
    throw new RangeError(`The adapter of ${adapter.module} makes ${data.length} values, not ${sizeOf(adapter.shape)}.`);
  }
  return { shape: adapter.shape, data };
}

async function unscaledDelta(adapter: Adapter): Promise<Matrix> {
  switch (adapter.kind) {
    case 'lora':
      return product({ left: adapter.up, right: adapter.down });
    case 'loha': {
      const [first, second] = [await product(adapter.first), await product(adapter.second)];
      return { ...first, data: first.data.map((value, index) => value * (second.data[index] ?? 0)) };
    }
    case 'lokr':
      return kronecker(await factor(adapter.first), await factor(adapter.second));
  }
}

async function factor(parts: KroneckerFactor): Promise<Matrix> {
  if (!('whole' in parts)) return product(parts);
  const [whole] = await readTensors([parts.whole]);
  return toMatrix(whole);
}

async function product({ left, right }: MatrixProduct): Promise<Matrix> {
  const [a, b] = (await readTensors([left, right])).map(toMatrix);
  if (!a || !b) return toMatrix(undefined);
  const data = new Float32Array(a.rows * b.columns);
  for (let row = 0; row < a.rows; row++) {
    for (let column = 0; column < b.columns; column++) {
      let sum = 0;
      for (let k = 0; k < a.columns; k++)
        sum += (a.data[row * a.columns + k] ?? 0) * (b.data[k * b.columns + column] ?? 0);
      data[row * b.columns + column] = sum;
    }
  }
  return { rows: a.rows, columns: b.columns, data };
}

/** Every element of `a` times the whole of `b`; a kernel's height and width are among the columns of `b`. */
function kronecker(a: Matrix, b: Matrix): Matrix {
  const rows = a.rows * b.rows;
  const columns = a.columns * b.columns;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [rowOfA, rowOfB] = [Math.floor(row / b.rows), row % b.rows];
    for (let column = 0; column < columns; column++) {
      const [columnOfA, columnOfB] = [Math.floor(column / b.columns), column % b.columns];
      data[row * columns + column] =
        (a.data[rowOfA * a.columns + columnOfA] ?? 0) * (b.data[rowOfB * b.columns + columnOfB] ?? 0);
    }
  }
  return { rows, columns, data };
}

function toMatrix(tensor: Tensor | undefined): Matrix {
  const [rows = 0, ...rest] = tensor?.shape ?? [];
  return { rows, columns: sizeOf(rest), data: tensor?.data ?? new Float32Array() };
}
