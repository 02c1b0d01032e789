import { roundHalfEven } from '../sampling/rounding.ts';
import type { Tensor } from '../tensor.ts';

/** Interleaved 8-bit RGB, as encoders take it. */
export interface RgbBytes {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A picture [1, 3, H, W] or [3, H, W] in 0 .. 1 to bytes: rounded half to even as numpy, clamped to the range. */
export function toBytes({ shape, data }: Tensor): RgbBytes {
  const [height = 0, width = 0] = shape.slice(-2);
  const area = height * width;
  const bytes = new Uint8Array(3 * area);
  for (let pixel = 0; pixel < area; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = roundHalfEven(Math.fround((data[channel * area + pixel] ?? 0) * 255));
      bytes[3 * pixel + channel] = Math.min(Math.max(value, 0), 255);
    }
  }
  return { width, height, data: bytes };
}

/** Bytes to a picture [1, 3, H, W] in 0 .. 1. */
export function fromBytes({ width, height, data }: RgbBytes): Tensor {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let pixel = 0; pixel < area; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      planes[channel * area + pixel] = (data[3 * pixel + channel] ?? 0) / 255;
    }
  }
  return { shape: [1, 3, height, width], data: planes };
}
