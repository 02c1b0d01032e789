import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { readSafetensorsHeader, readTensor } from '../checkpoint/safetensors.ts';
import type { StoredTensor, Weights } from '../checkpoint/weights.ts';
import { sizeOf } from '../tensor.ts';
import { type QuantizedWeights, quantizeRows } from './rows.ts';

/** What the name of a weight's scales ends in; its values have the weight's own name. */
const SCALES = '.scales';
const HEADER_LENGTH_BYTES = 8;
const SCALE_BYTES = 4;

/**
 * The weights that are worth rounding: the matrices of a UNet's transformers, which do most of its work. Convolutions
 * are slower in integers on CPUs without AMX, and the embeddings of time and size are small and sensitive.
 */
export function quantizable(weights: Weights): Weights {
  const matrices = [...weights].filter(([name, { shape, transposed }]) => {
    return /(^|\.)attentions\..*\.weight$/.test(name) && shape.length >= 2 && !transposed;
  });
  return new Map(matrices);
}

/**
 * Quantises weights into a safetensors file, one at a time, so that memory holds one weight. The file appears only
 * when it is whole: several processes may write the same at once.
 */
export async function writeQuantized(weights: Weights, path: string): Promise<void> {
  const draft = `${path}.${process.pid}.partial`;
  const handle = await open(draft, 'w');
  try {
    await writeHeader(handle, weights);
    for (const stored of weights.values()) {
      const { values, scales } = quantizeRows((await readTensor(stored)).data, rowsOf(stored));
      await handle.write(values);
      await handle.write(scales);
    }
    await handle.sync();
    await handle.close();
    await rename(draft, path);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
}

/** Where the quantised weights of a file that `writeQuantized` wrote lie. @throws CheckpointError */
export async function readQuantized(path: string): Promise<QuantizedWeights> {
  const { tensors } = await readSafetensorsHeader(path);
  const pairs = [...tensors].flatMap(([name, values]) => {
    const scales = tensors.get(`${name}${SCALES}`);
    return scales === undefined ? [] : [[name, { values, scales }] as const];
  });
  return new Map(pairs);
}

async function writeHeader(handle: FileHandle, weights: Weights): Promise<void> {
  let position = 0;
  const entries = [...weights].flatMap(([name, stored]) => {
    const rows = rowsOf(stored);
    const [start, middle] = [position, position + sizeOf(stored.shape)];
    position = middle + rows * SCALE_BYTES;
    return [
      [name, { dtype: 'I8', shape: [rows, sizeOf(stored.shape) / rows], data_offsets: [start, middle] }],
      [`${name}${SCALES}`, { dtype: 'F32', shape: [rows], data_offsets: [middle, position] }],
    ];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(HEADER_LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  await handle.write(Buffer.concat([length, header]));
}

function rowsOf({ shape }: StoredTensor): number {
  return shape[0] ?? 1;
}
