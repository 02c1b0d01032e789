import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { readSafetensorsHeader, readTensor } from '../checkpoint/safetensors.ts';
import type { Weights } from '../checkpoint/weights.ts';
import { sizeOf } from '../tensor.ts';
import { type QuantizedWeights, quantizeMatrix } from './matrix.ts';
import { partsOf } from './quantizable.ts';

/** What the name of a weight's scales ends in; its values have the weight's own name. */
const SCALES = '.scales';
const HEADER_LENGTH_BYTES = 8;
const SCALE_BYTES = 4;

/**
 * Quantises weights into a safetensors file, one at a time, so that memory holds one weight. The file appears only
 * when it is whole: several processes may write the same at once.
 */
export async function writeQuantized(
  weights: Weights,
  path: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const parts = new Map([...weights].flatMap(([name, stored]) => partsOf(name, stored)));
  const draft = `${path}.${process.pid}.partial`;
  const handle = await open(draft, 'w');
  try {
    await writeHeader(handle, parts, metadata);
    for (const part of parts.values()) {
      const { values, scales } = quantizeMatrix((await readTensor(part)).data, part.shape);
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

async function writeHeader(
  handle: FileHandle,
  weights: Weights,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  let position = 0;
  const entries = [...weights].flatMap(([name, { shape }]) => {
    const outputs = shape[0] ?? 1;
    const [start, middle] = [position, position + sizeOf(shape)];
    position = middle + outputs * SCALE_BYTES;
    return [
      [name, { dtype: 'I8', shape: [sizeOf(shape) / outputs, outputs], data_offsets: [start, middle] }],
      [`${name}${SCALES}`, { dtype: 'F32', shape: [outputs], data_offsets: [middle, position] }],
    ];
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(HEADER_LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  await handle.write(Buffer.concat([length, header]));
}
