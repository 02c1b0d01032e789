import type { Dtype } from './weights.ts';

/** Bytes of one element, for every element type that a checkpoint's tensors may have. */
export const BYTES_PER_ELEMENT: Readonly<Record<Dtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/**
 * Decodes little-endian elements to float32. Integers beyond 2^24 and float64 values are rounded to the nearest
 * float32; everything narrower is exact. `bytes` must hold whole elements.
 */
export function toFloat32(bytes: Uint8Array, dtype: Dtype): Float32Array {
  // A copy at offset 0, because typed arrays must be aligned to their element and a slice of a file need not be.
  const buffer = new Uint8Array(bytes).buffer;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'F16':
      return lookUp(new Uint16Array(buffer), halfTable());
    case 'BF16':
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    case 'F8_E4M3':
      return lookUp(new Uint8Array(buffer), E4M3);
    case 'F8_E5M2':
      // The upper byte of a float16.
      return lookUp(
        Uint16Array.from(new Uint8Array(buffer), (bits) => bits << 8),
        halfTable(),
      );
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer));
  }
}

function lookUp(codes: Uint8Array | Uint16Array, table: Float32Array): Float32Array {
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) values[i] = table[codes[i] ?? 0] ?? 0;
  return values;
}

let halfs: Float32Array | undefined;

/** The value of each of the 65,536 float16 codes: a quarter of a megabyte that makes decoding a look-up. */
function halfTable(): Float32Array {
  halfs ??= Float32Array.from({ length: 65536 }, (_, code) => smallFloat(code, 5, 10, true));
  return halfs;
}

/** E4M3 as NVIDIA, Arm and Intel define it (arXiv 2209.05433): no infinities, and only all ones is not a number. */
const E4M3 = Float32Array.from({ length: 256 }, (_, code) => smallFloat(code, 4, 3, false));

/** The value of an IEEE-754-like code of 1 sign bit, `exponentBits` and `mantissaBits`. */
function smallFloat(code: number, exponentBits: number, mantissaBits: number, hasInfinity: boolean): number {
  const sign = code >> (exponentBits + mantissaBits) === 1 ? -1 : 1;
  const largestExponent = 2 ** exponentBits - 1;
  const exponent = (code >> mantissaBits) & largestExponent;
  const mantissa = code & (2 ** mantissaBits - 1);
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits);
  if (exponent === largestExponent) {
    if (hasInfinity) return mantissa === 0 ? sign * Infinity : NaN;
    if (mantissa === 2 ** mantissaBits - 1) return NaN;
  }
  return sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
}
