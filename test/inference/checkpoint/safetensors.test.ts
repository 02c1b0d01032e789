import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CheckpointError, UnsupportedModelError } from '../../../inference/checkpoint/errors.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensorsHeader,
  readTensor,
} from '../../../inference/checkpoint/safetensors.ts';
import { MAX_HEADER_BYTES } from '../../../inference/checkpoint/safetensors-header.ts';
import { sizeOf } from '../../../inference/tensor.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A safetensors file with this header and that many bytes of tensors. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}

const entry = (shape: unknown, data_offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets });
const decode = (header: unknown, dataBytes: number) =>
  decodeSafetensors(fileOf(header, dataBytes), 'model.safetensors');

describe('what is written is read', () => {
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  const tensor = shape.chain((dimensions) =>
    fc
      .array(fc.float({ noNaN: true }), { minLength: sizeOf(dimensions), maxLength: sizeOf(dimensions) })
      .map((values) => ({ shape: dimensions, data: Float32Array.from(values) })),
  );
  const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text !== '__metadata__');
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });

  test('for any tensors, names and notes', () => {
    fc.assert(
      fc.property(fc.dictionary(name, tensor), fc.dictionary(text, text), (tensors, notes) => {
        const { tensors: read, metadata } = decodeSafetensors(encodeSafetensors(tensors, notes), 'it');
        expect(new Map(read)).toEqual(new Map(Object.entries(tensors)));
        expect(new Map(metadata)).toEqual(new Map(Object.entries(notes)));
      }),
    );
  });

  test('from a file, through a link, tensor by tensor', async () => {
    const a = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const b = { shape: [], data: Float32Array.of(0.5) };
    await writeFile(join(folder, 'ab.safetensors'), encodeSafetensors({ a, b }, { who: 'us' }));
    await symlink(join(folder, 'ab.safetensors'), join(folder, 'link.safetensors'));
    const header = await readSafetensorsHeader(join(folder, 'link.safetensors'));
    expect(header.tensors.get('a')?.file).toMatch(/ab\.safetensors$/);
    expect(header.metadata.get('who')).toBe('us');
    expect(await readTensor(header.tensors.get('a')!)).toEqual(a);
    expect(await readTensor(header.tensors.get('b')!)).toEqual(b);
  });

  test('names that JavaScript treats apart are names like others', () => {
    const header =
      '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"constructor":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}';
    const { tensors } = decode(header, 2);
    expect([...tensors.keys()]).toEqual(['__proto__', 'constructor']);
    const notes = decode('{"__metadata__":{"__proto__":"a","constructor":"b"}}', 0).metadata;
    expect([...notes.keys()]).toEqual(['__proto__', 'constructor']);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('dtype');
  });
});

describe('a header that lies is refused, with the file and the tensor named', () => {
  const cases: [string, unknown, number, RegExp][] = [
    ['overlap', { a: entry([2], [0, 8]), b: entry([2], [4, 12]) }, 12, /model\.safetensors.*"b".*overlaps/],
    ['gap', { a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, 12, /"b".*gap of 4 bytes/],
    ['bytes after the last tensor', { a: entry([1], [0, 4]) }, 8, /4 bytes at the end/],
    ['bytes before the first', { a: entry([1], [4, 8]) }, 8, /"a".*gap of 4/],
    ['a truncated file', { a: entry([4], [0, 16]) }, 12, /"a".*truncated/],
    ['a shape that is not its bytes', { a: entry([3], [0, 16]) }, 16, /"a".*12 bytes, not 16/],
    ['an end before the beginning', { a: entry([1], [4, 0]) }, 4, /"a".*before it begins/],
    ['an unknown element type', { a: entry([1], [0, 4], 'F4') }, 4, /"a".*F4/],
    ['an element type of the prototype', { a: entry([1], [0, 4], 'constructor') }, 4, /"a".*constructor/],
    ['a negative dimension', { a: entry([-1], [0, 4]) }, 4, /"a".*shape/],
    ['a fraction', { a: entry([1.5], [0, 6]) }, 6, /"a".*shape/],
    ['an unsafe integer', { a: entry([2 ** 53], [0, 4]) }, 4, /"a".*shape/],
    ['a product beyond all integers', { a: entry([2 ** 40, 2 ** 40], [0, 4]) }, 4, /"a".*too large/],
    ['three offsets', { a: entry([1], [0, 4, 8]) }, 8, /"a".*data_offsets/],
    ['an unknown key', { a: { ...entry([1], [0, 4]), code: 'x' } }, 4, /"a"/],
    ['no shape', { a: { dtype: 'F32', data_offsets: [0, 4] } }, 4, /"a".*shape/],
    ['notes that are not texts', { __metadata__: { n: 1 } }, 0, /__metadata__/],
    [
      'a tensor twice',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
      /"a" appears twice/,
    ],
    [
      'a tensor twice, once escaped',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
      /"a" appears twice/,
    ],
    ['a shape twice', '{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}', 1, /"shape" appears twice/],
    ['an array', '[]', 0, /not a JSON object/],
    ['deep nesting', `{"a":${'['.repeat(1_000_000)}`, 0, /nested deeper/],
    ['no JSON', '{"a":', 0, /not sound JSON/],
    ['nothing', '', 0, /not sound JSON/],
  ];
  test.each(cases)('%s', (_, header, dataBytes, message) => {
    expect(() => decode(header, dataBytes)).toThrow(CheckpointError);
    expect(() => decode(header, dataBytes)).toThrow(message);
  });

  test('a length beyond the cap, before anything of that size is read', () => {
    const bytes = Buffer.alloc(64);
    bytes.writeBigUInt64LE(BigInt(MAX_HEADER_BYTES + 1));
    expect(() => decodeSafetensors(bytes, 'm')).toThrow(/header of 25000001 bytes/);
    bytes.writeBigUInt64LE(2n ** 64n - 1n);
    expect(() => decodeSafetensors(bytes, 'm')).toThrow(CheckpointError);
  });

  test('text that is not UTF-8', () => {
    const bytes = Buffer.from(fileOf('{"a":1}', 0));
    bytes[10] = 0xff;
    expect(() => decodeSafetensors(bytes, 'm')).toThrow(/not UTF-8/);
  });

  test('a long name is cut in the message', () => {
    expect(() => decode({ ['x'.repeat(100_000)]: entry([1], [0, 8]) }, 8)).toThrow(/^.{1,400}$/);
  });
});

describe('files of other kinds are refused as what they are', () => {
  test.each([
    ['PK\x03\x04rest', /PyTorch pickle.*can run code/],
    ['\x80\x02}q\x00.', /PyTorch pickle/],
    ['GGUF\x03\x00\x00\x00', /GGUF/],
    ['<!DOCTYPE html><html>', /web page/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0', /git lfs pull/],
    ['{"error":"not found"}', /JSON text/],
  ])('%j', async (start, message) => {
    const path = join(folder, 'foreign.safetensors');
    await writeFile(path, Buffer.from(start, 'latin1'));
    await expect(readSafetensorsHeader(path)).rejects.toThrow(UnsupportedModelError);
    await expect(readSafetensorsHeader(path)).rejects.toThrow(message);
  });

  test('but a header whose length spells a signature is a header', () => {
    const json = `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`;
    // 0x0280 bytes: the little-endian length begins like a pickle.
    expect(decode(json + ' '.repeat(0x280 - json.length), 1).tensors.size).toBe(1);
  });

  test('a file that is missing, a folder, an empty file, a truncated file', async () => {
    await expect(readSafetensorsHeader(join(folder, 'none'))).rejects.toThrow(CheckpointError);
    await expect(readSafetensorsHeader(folder)).rejects.toThrow(CheckpointError);
    const path = join(folder, 'short.safetensors');
    const whole = encodeSafetensors({ a: { shape: [100], data: new Float32Array(100) } });
    for (const size of [0, 4, 8, 20, whole.length - 1]) {
      await writeFile(path, whole);
      await truncate(path, size);
      await expect(readSafetensorsHeader(path), `${size} bytes`).rejects.toThrow(CheckpointError);
    }
  });
});

describe('damaged bytes', () => {
  const whole = encodeSafetensors(
    { 'a.weight': { shape: [2, 2], data: new Float32Array(4) }, 'b.bias': { shape: [3], data: new Float32Array(3) } },
    { format: 'pt' },
  );
  const edit = fc.record({
    at: fc.nat(whole.length - 1),
    remove: fc.nat(12),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '9', '-1', '1e99', 'null', '\\', '\\u0000').map(Buffer.from),
    ),
  });

  test('are read or refused with a CheckpointError, and never anything else', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const damaged = edits.reduce<Uint8Array>(
          (bytes, { at, remove, insert }) =>
            Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(Math.min(bytes.length, at + remove))]),
          whole,
        );
        try {
          for (const { shape, data } of decodeSafetensors(damaged, 'it').tensors.values()) {
            expect(data).toHaveLength(sizeOf(shape));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('so are headers of any JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(64), (json, dataBytes) => {
        try {
          decode(json, dataBytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
