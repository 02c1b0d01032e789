import { access, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arithmetic } from '../../commands/engine.ts';
import { readSafetensorsHeader } from '../../inference/checkpoint/safetensors.ts';
import type { Weights } from '../../inference/checkpoint/weights.ts';
import { readQuantized } from '../../inference/quantization/file.ts';
import type { QuantizedWeights } from '../../inference/quantization/matrix.ts';
import { partsOf, splitByRounding } from '../../inference/quantization/quantizable.ts';
import { MersenneTwister } from '../../inference/sampling/mersenne-twister.ts';
import { sizeOf } from '../../inference/tensor.ts';

// SDXL's networks at their real size, with made-up weights: one block of random numbers over and over, because ONNX Runtime
// holds equal weights, such as zeros, only once, which takes less memory and less time than real ones.

const keys = join(import.meta.dirname, '../../test/fixtures/golden/keys');
const DTYPE_BYTES = { F16: 2, F32: 4, I8: 1 } as const;
type MadeUpDtype = keyof typeof DTYPE_BYTES;

/** A prime, so that no two tensors are equal: each begins at another number of the block. */
const BLOCK_LENGTH = 2_097_143;
const SEED = 1;
/** The bits of 2^-6 as a float16, to which a sign and a mantissa are added: numbers between it and twice it. */
const SMALL_HALF = 0x2400;
const SIGN_AND_MANTISSA = 0x83ff;

/** The networks whose names and shapes are known. */
export type KnownNetwork = 'unet' | 'refiner_unet' | 'vae' | 'text_encoder' | 'text_encoder_2';

/** The configuration of a network, as its config.json has it. */
export async function configurationOf(network: KnownNetwork): Promise<unknown> {
  return JSON.parse(await readFile(join(keys, 'configs.json'), 'utf8'))[network];
}

/** A network's weights in fp16, in a file of this folder that is written where it is not there yet. */
export async function makeUpWeights(network: KnownNetwork, folder: string): Promise<Weights> {
  const path = join(folder, `${network}.safetensors`);
  const shapes: Record<string, number[]> = JSON.parse(await readFile(join(keys, `diffusers.${network}.json`), 'utf8'));
  const tensors = Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: 'F16' }) as const);
  if (!(await exists(path))) await writeMadeUp(path, tensors);
  return (await readSafetensorsHeader(path)).tensors;
}

/** The same for what an arithmetic rounds of them, in the layout of `writeQuantized`. */
export async function makeUpIntegers(
  network: KnownNetwork,
  arithmetic: Arithmetic,
  folder: string,
): Promise<QuantizedWeights | undefined> {
  if (arithmetic === 'float32') return undefined;
  const weights = await makeUpWeights(network, folder);
  const path = join(folder, `${network}.${arithmetic}`);
  const parts = [...splitByRounding(weights, arithmetic).rounded].flatMap(([name, stored]) => partsOf(name, stored));
  const tensors = parts.flatMap(([name, { shape }]) => {
    const [outputs = 1] = shape;
    return [
      { name, shape: [sizeOf(shape) / outputs, outputs], dtype: 'I8' },
      { name: `${name}.scales`, shape: [outputs], dtype: 'F32' },
    ] as const;
  });
  if (!(await exists(path))) await writeMadeUp(path, tensors);
  return readQuantized(path);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Writes a safetensors file of made-up tensors. */
export async function writeMadeUp(
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
  const draft = `${path}.partial`;
  const handle = await open(draft, 'w');
  try {
    await handle.write(Buffer.concat([length, header]));
    const blocks = { F16: block('F16'), F32: block('F32'), I8: block('I8') };
    let next = 0;
    for (const { shape, dtype } of tensors) {
      for (let left = sizeOf(shape) * DTYPE_BYTES[dtype]; left > 0; ) {
        const start = (next % BLOCK_LENGTH) * DTYPE_BYTES[dtype];
        const { bytesWritten } = await handle.write(blocks[dtype], start, Math.min(left, blocks[dtype].length - start));
        left -= bytesWritten;
        next += bytesWritten / DTYPE_BYTES[dtype];
      }
    }
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}

/** Numbers as weights are: small ones in float16, integers of all sizes, and scales that make small ones of these. */
function block(dtype: MadeUpDtype): Uint8Array {
  const twister = new MersenneTwister(SEED);
  const random = Uint32Array.from({ length: BLOCK_LENGTH }, () => twister.nextWord());
  switch (dtype) {
    case 'F16':
      return new Uint8Array(Uint16Array.from(random, (bits) => (bits & SIGN_AND_MANTISSA) | SMALL_HALF).buffer);
    case 'F32':
      return new Uint8Array(Float32Array.from(random, (bits) => (1 + bits / 2 ** 32) / 2 ** 13).buffer);
    case 'I8':
      return Uint8Array.from(random);
  }
}
