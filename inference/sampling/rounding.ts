/** The significant bits of a float16 behind the leading one, and its smallest normal exponent. */
const FRACTION_BITS = 10;
const SMALLEST_EXPONENT = -14;
const LARGEST = 65504;

/** The nearest float16, ties to even; beyond its range infinity. */
export function roundToHalf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), SMALLEST_EXPONENT);
  const quantum = 2 ** (exponent - FRACTION_BITS);
  const rounded = roundHalfEven(value / quantum) * quantum;
  return Math.abs(rounded) > LARGEST ? Math.sign(value) * Number.POSITIVE_INFINITY : rounded;
}

/** The nearest integer, ties to the even one: IEEE's rounding, numpy's and torch's. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
