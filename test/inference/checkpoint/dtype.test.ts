import { describe, expect, test } from 'vitest';
import { toFloat32 } from '../../../inference/checkpoint/dtype.ts';

const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

describe('element types become float32', () => {
  test('float16: each code by its value', () => {
    const codes = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00, 0x8000, 0x3555);
    expect([...toFloat32(bytesOf(codes), 'F16')]).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      Infinity,
      -Infinity,
      -0,
      0.333251953125,
    ]);
    expect(toFloat32(bytesOf(Uint16Array.of(0x7e00)), 'F16')[0]).toBeNaN();
  });

  test('bfloat16: the upper half of a float32', () => {
    const codes = Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x0001);
    expect([...toFloat32(bytesOf(codes), 'BF16')]).toEqual([1, -3.140625, Infinity, Math.fround(2 ** -133)]);
  });

  test('float8 E4M3: 448 is the largest, and there is no infinity', () => {
    expect([...toFloat32(Uint8Array.of(0x38, 0x7e, 0xfe, 0x01, 0x08, 0x78), 'F8_E4M3')]).toEqual([
      1,
      448,
      -448,
      2 ** -9,
      2 ** -6,
      256,
    ]);
    expect(toFloat32(Uint8Array.of(0x7f), 'F8_E4M3')[0]).toBeNaN();
  });

  test('float8 E5M2: the upper half of a float16', () => {
    expect([...toFloat32(Uint8Array.of(0x3c, 0x7b, 0x01, 0x7c), 'F8_E5M2')]).toEqual([1, 57344, 2 ** -16, Infinity]);
  });

  test('integers, booleans and wider floats', () => {
    expect([...toFloat32(bytesOf(BigInt64Array.of(76n, -1n)), 'I64')]).toEqual([76, -1]);
    expect([...toFloat32(bytesOf(Int32Array.of(49407)), 'I32')]).toEqual([49407]);
    expect([...toFloat32(bytesOf(Int16Array.of(-300)), 'I16')]).toEqual([-300]);
    expect([...toFloat32(bytesOf(Int8Array.of(-3)), 'I8')]).toEqual([-3]);
    expect([...toFloat32(Uint8Array.of(255), 'U8')]).toEqual([255]);
    expect([...toFloat32(Uint8Array.of(1, 0), 'BOOL')]).toEqual([1, 0]);
    expect([...toFloat32(bytesOf(Float64Array.of(0.1)), 'F64')]).toEqual([Math.fround(0.1)]);
    expect([...toFloat32(bytesOf(Float32Array.of(0.1)), 'F32')]).toEqual([Math.fround(0.1)]);
  });

  test('bytes that are not aligned to their element', () => {
    const shifted = new Uint8Array(9);
    shifted.set(bytesOf(Float32Array.of(1.5, -2)), 1);
    expect([...toFloat32(shifted.subarray(1), 'F32')]).toEqual([1.5, -2]);
  });
});
