import { open } from 'node:fs/promises';
import { BYTES_PER_ELEMENT } from '../../../inference/checkpoint/dtype.ts';
import type { Dtype } from '../../../inference/checkpoint/weights.ts';
import { sizeOf } from '../../../inference/tensor.ts';

/** Writes a safetensors file of zeros with these tensors; it takes room on disk for its header only. */
export async function writeSparseSafetensors(
  path: string,
  shapes: Readonly<Record<string, readonly number[]>>,
  options: { dtype?: Dtype; metadata?: Record<string, string> } = {},
): Promise<void> {
  const { dtype = 'F16', metadata } = options;
  let position = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const begin = position;
    position += sizeOf(shape) * BYTES_PER_ELEMENT[dtype];
    return [name, { dtype, shape, data_offsets: [begin, position] }];
  });
  const json = Buffer.from(
    JSON.stringify({ ...(metadata && { __metadata__: metadata }), ...Object.fromEntries(entries) }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const handle = await open(path, 'w');
  try {
    await handle.write(Buffer.concat([length, json]));
    await handle.truncate(8 + json.length + position);
  } finally {
    await handle.close();
  }
}
