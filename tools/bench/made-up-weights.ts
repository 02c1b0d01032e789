import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arithmetic } from '../../commands/engine.ts';
import { readSafetensorsHeader } from '../../inference/checkpoint/safetensors.ts';
import type { Weights } from '../../inference/checkpoint/weights.ts';
import { readQuantized } from '../../inference/quantization/file.ts';
import type { QuantizedWeights } from '../../inference/quantization/matrix.ts';
import { partsOf, splitByRounding } from '../../inference/quantization/quantizable.ts';
import { sizeOf } from '../../inference/tensor.ts';

// SDXL's networks at their real size, with weights that are all zero: sparse files that take no room on the disk. Kernels
// take as long with zeros as with numbers.

const keys = join(import.meta.dirname, '../../test/fixtures/golden/keys');
const DTYPE_BYTES = { F16: 2, F32: 4, I8: 1 } as const;
type MadeUpDtype = keyof typeof DTYPE_BYTES;

/** The networks whose names and shapes are known. */
export type KnownNetwork = 'unet' | 'refiner_unet' | 'vae' | 'text_encoder' | 'text_encoder_2';

/** The configuration of a network, as its config.json has it. */
export async function configurationOf(network: KnownNetwork): Promise<unknown> {
  return JSON.parse(await readFile(join(keys, 'configs.json'), 'utf8'))[network];
}

/** Writes a file with a network's weights in fp16, and returns where they lie. */
export async function makeUpWeights(network: KnownNetwork, path: string): Promise<Weights> {
  const shapes: Record<string, number[]> = JSON.parse(await readFile(join(keys, `diffusers.${network}.json`), 'utf8'));
  await writeSparse(
    path,
    Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: 'F16' })),
  );
  return (await readSafetensorsHeader(path)).tensors;
}

/** The same for what an arithmetic rounds of them, in the layout of `writeQuantized`. */
export async function makeUpIntegers(
  weights: Weights,
  arithmetic: Arithmetic,
  path: string,
): Promise<QuantizedWeights | undefined> {
  if (arithmetic === 'float32') return undefined;
  const parts = [...splitByRounding(weights, arithmetic).rounded].flatMap(([name, stored]) => partsOf(name, stored));
  const tensors = parts.flatMap(([name, { shape }]) => {
    const [outputs = 1] = shape;
    return [
      { name, shape: [sizeOf(shape) / outputs, outputs], dtype: 'I8' },
      { name: `${name}.scales`, shape: [outputs], dtype: 'F32' },
    ] as const;
  });
  await writeSparse(path, tensors);
  return readQuantized(path);
}

/** Writes a safetensors file of zeros that takes no more room than its header. */
export async function writeSparse(
  path: string,
  tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: MadeUpDtype }[],
): Promise<void> {
  let position = 0;
  const entries = tensors.map(({ name, shape, dtype }) => {
    const start = position;
    position += sizeOf(shape) * DTYPE_BYTES[dtype];
    return [name, { dtype, shape, data_offsets: [start, position] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(Buffer.concat([length, header]));
    await handle.truncate(length.length + header.length + position);
  } finally {
    await handle.close();
  }
}
