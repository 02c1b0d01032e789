import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readPngText, readPngTexts, withPngTexts } from '../../commands/png-text.ts';

const png = new Uint8Array(
  await sharp({ create: { width: 3, height: 2, channels: 3, background: '#345678' } })
    .png()
    .toBuffer(),
);
const IHDR_END = 33;

/** The picture with one more chunk, whose checksum does not matter to a reader of texts. */
function withChunk(type: string, data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const chunk = Buffer.concat([length, Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
  return new Uint8Array(Buffer.concat([png.subarray(0, IHDR_END), chunk, png.subarray(IHDR_END)]));
}

describe('texts in PNG files', () => {
  it('come back as they were written, in any script', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, text, (first, second) => {
        const written = withPngTexts(png, { parameters: first, Software: second });
        expect(Object.fromEntries(readPngTexts(written))).toEqual({ parameters: first, Software: second });
      }),
    );
  });

  it('leave a picture that decoders accept, with sound checksums', async () => {
    const written = withPngTexts(png, { parameters: 'naïve\nline 2', comment: '雪の中の猫 \u{1f431}' });
    const { data, info } = await sharp(written, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 3, height: 2 });
    expect([...data.subarray(0, 3)]).toEqual([0x34, 0x56, 0x78]);
    const { comments } = await sharp(written).metadata();
    expect(comments).toContainEqual({ keyword: 'parameters', text: 'naïve\nline 2' });
  });

  it('are read in every form that the format has', () => {
    const compressed = deflateSync(Buffer.from('compressed'));
    expect(readPngText(withChunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), compressed])), 'a')).toBe('compressed');
    const international = Buffer.concat([Buffer.from('a\0\x01\0en\0title\0'), compressed]);
    expect(readPngText(withChunk('iTXt', international), 'a')).toBe('compressed');
    expect(readPngText(withChunk('iTXt', Buffer.from('a\0\0\0\0\0schön')), 'a')).toBe('schön');
    expect(readPngText(withChunk('tEXt', Buffer.from('a\0sch\xf6n', 'latin1')), 'a')).toBe('schön');
  });

  it('are passed over where they are malformed or too large', () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    for (const [type, data] of [
      ['zTXt', Buffer.concat([Buffer.from('a\0\0'), bomb])],
      ['zTXt', Buffer.from('a\0\0not deflated')],
      ['zTXt', Buffer.from('a\0\x07')],
      ['iTXt', Buffer.from('a\0\0\0no end')],
      ['iTXt', Buffer.from('a')],
      ['tEXt', Buffer.from('\0empty keyword')],
      ['tEXt', Buffer.from(`${'k'.repeat(80)}\0long keyword`)],
      ['tEXt', Buffer.concat([Buffer.from('a\0'), Buffer.alloc(300_000, 'x')])],
    ] as const) {
      expect(readPngTexts(withChunk(type, data)).size).toBe(0);
    }
  });

  it('are read within a budget for the whole file, the same keyword again and again included', () => {
    const packed = deflateSync(Buffer.alloc(200 * 1024, 'x'));
    const one = withChunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), packed]));
    const chunk = one.subarray(33, one.length - (png.length - 33));
    const many = (count: number, last: Uint8Array) =>
      new Uint8Array(Buffer.concat([png.subarray(0, 33), ...Array.from({ length: count }, () => chunk), last]));
    const wanted = withPngTexts(png, { parameters: 'a cat' }).subarray(33);
    expect(readPngText(many(3, wanted), 'parameters')).toBe('a cat');
    // After 32 texts, whatever they are called, and after 256 KiB inflated, the rest is passed over.
    expect(readPngText(many(40, wanted), 'parameters')).toBeNull();
    const bombs = Array.from({ length: 20 }, (_, i) =>
      withChunk('zTXt', Buffer.concat([Buffer.from(`k${i}\0\0`), packed])),
    );
    const parts = bombs.map((bomb) => bomb.subarray(33, bomb.length - (png.length - 33)));
    expect(readPngTexts(Buffer.concat([png.subarray(0, 33), ...parts, png.subarray(33)])).size).toBe(1);
  });

  it('are none in what is no PNG, and never throw', () => {
    expect(readPngTexts(new Uint8Array()).size).toBe(0);
    expect(readPngTexts(Buffer.from('GIF89a')).size).toBe(0);
    expect(() => withPngTexts(Buffer.from('GIF89a'), {})).toThrow(RangeError);
    const whole = withPngTexts(png, { parameters: 'a cat', other: '雪' });
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (length, place, byte) => {
        const damaged = whole.slice(0, length);
        if (place < length) damaged[place] = byte;
        readPngTexts(damaged);
      }),
      { numRuns: 2000 },
    );
  });
});
