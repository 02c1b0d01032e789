import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../commands/engine.ts';
import { failureOf } from '../../../inference/engine/failure.ts';
import { decoded, decodePicture } from '../../../inference/image/decode.ts';
import { encodePng } from '../../../inference/image/png.ts';
import type { Tensor } from '../../../inference/tensor.ts';

const golden = await readFile('test/fixtures/golden/mini/cat_snow.png');
const goldenSize = { width: 256, height: 256 };

/** Red, green, blue at a place, as bytes. */
function colourAt({ shape, data }: Tensor, x: number, y: number): number[] {
  const [, , height = 0, width = 0] = shape;
  return [0, 1, 2].map((channel) => Math.round((data[(channel * height + y) * width + x] ?? 0) * 255));
}

function flat(width: number, height: number, background: string, channels: 3 | 4 = 3): Sharp {
  return sharp({ create: { width, height, channels, background } });
}

/** Red above blue. */
async function twoTone(width: number, height: number): Promise<Sharp> {
  const blue = await flat(width, height / 2, '#0000ff')
    .png()
    .toBuffer();
  const buffer = await flat(width, height, '#ff0000')
    .composite([{ input: blue, top: height / 2, left: 0 }])
    .png()
    .toBuffer();
  return sharp(buffer);
}

describe('decodePicture', () => {
  it('takes a picture of the right size as it is, to the byte', async () => {
    const decoded = await decodePicture(golden, goldenSize);
    expect(decoded.shape).toEqual([1, 3, 256, 256]);
    const raw = await sharp(golden).removeAlpha().raw().toBuffer();
    const again = await sharp(await encodePng(decoded, {}))
      .raw()
      .toBuffer();
    expect(again.equals(raw)).toBe(true);
  });

  it('turns by the orientation that the camera wrote', async () => {
    // Orientation 3: the sensor was upside down, so what is stored above belongs below.
    const bytes = await (await twoTone(64, 64)).withMetadata({ orientation: 3 }).png().toBuffer();
    const upright = await decodePicture(bytes, { width: 64, height: 64 });
    expect(colourAt(upright, 5, 5)).toEqual([0, 0, 255]);
    expect(colourAt(upright, 5, 60)).toEqual([255, 0, 0]);
  });

  it('puts transparency on white', async () => {
    const bytes = await flat(16, 16, '#00000000', 4).png().toBuffer();
    expect(colourAt(await decodePicture(bytes, { width: 16, height: 16 }), 3, 3)).toEqual([255, 255, 255]);
  });

  it('scales to cover and cuts evenly', async () => {
    const wide = await sharp({ create: { width: 300, height: 100, channels: 3, background: '#00ff00' } })
      .composite([{ input: await flat(100, 100, '#ff0000').png().toBuffer(), left: 0, top: 0 }])
      .png()
      .toBuffer();
    const decoded = await decodePicture(wide, { width: 64, height: 64 });
    expect(decoded.shape).toEqual([1, 3, 64, 64]);
    // The red left third lies outside the middle square.
    expect(colourAt(decoded, 10, 32)).toEqual([0, 255, 0]);
    expect(colourAt(decoded, 54, 32)).toEqual([0, 255, 0]);
  });

  it.each(['png', 'jpeg', 'webp', 'gif'] as const)('reads %s', async (format) => {
    const bytes = await flat(32, 24, '#3264c8').toFormat(format).toBuffer();
    const [red = 0, green = 0, blue = 0] = colourAt(await decodePicture(bytes, { width: 32, height: 24 }), 7, 7);
    expect(Math.abs(red - 0x32)).toBeLessThanOrEqual(3);
    expect(Math.abs(green - 0x64)).toBeLessThanOrEqual(3);
    expect(Math.abs(blue - 0xc8)).toBeLessThanOrEqual(3);
  });

  it('reads grey and 16-bit pictures, and the first frame of several', async () => {
    const grey = await flat(16, 16, '#808080').toColourspace('b-w').png().toBuffer();
    expect(colourAt(await decodePicture(grey, { width: 16, height: 16 }), 1, 1)).toEqual([128, 128, 128]);
    const deep = await flat(16, 16, '#804020').toColourspace('rgb16').png().toBuffer();
    expect(colourAt(await decodePicture(deep, { width: 16, height: 16 }), 1, 1)).toEqual([128, 64, 32]);
    const frames = await sharp(
      await Promise.all(['#ff0000', '#0000ff'].map((colour) => flat(16, 16, colour).png().toBuffer())),
      { join: { animated: true } },
    )
      .gif()
      .toBuffer();
    expect(colourAt(await decodePicture(frames, { width: 16, height: 16 }), 1, 1)).toEqual([255, 0, 0]);
  });

  const refused: [name: string, bytes: Uint8Array, message: RegExp][] = [
    ['nothing', new Uint8Array(), /not a picture/],
    ['a text', Buffer.from('a cat in the snow'), /not a picture/],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'), /not a picture/],
    ['a truncated PNG', golden.subarray(0, golden.length / 2), /cannot be decoded/],
    ['a PNG of its signature alone', golden.subarray(0, 8), /cannot be decoded/],
  ];
  it.each(refused)('refuses %s in one line', async (_name, bytes, message) => {
    const result = decodePicture(bytes, goldenSize);
    await expect(result).rejects.toBeInstanceOf(EngineError);
    await expect(result).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(message) });
    await expect(result).rejects.toMatchObject({ message: expect.not.stringContaining('\n') });
  });

  it('holds to its limits before it decodes', async () => {
    const limits = { maxBytes: golden.length, maxPixels: 256 * 256 };
    await expect(decodePicture(golden, goldenSize, limits)).resolves.toBeDefined();
    await expect(decodePicture(golden, goldenSize, { ...limits, maxBytes: golden.length - 1 })).rejects.toThrow(
      /bytes/,
    );
    await expect(decodePicture(golden, goldenSize, { ...limits, maxPixels: 256 * 256 - 1 })).rejects.toThrow(/pixels/);
  });

  it('is not to blame for a machine without memory or threads to spare', async () => {
    const refused = new Error('glib: Error creating thread: Resource temporarily unavailable');
    const error: unknown = await decoded(Promise.reject(refused)).catch((reason: unknown) => reason);
    expect(failureOf(error)).toMatchObject({ code: 'out_of_memory' });
  });

  it('either decodes a damaged file or says that it cannot', async () => {
    const small = await (await twoTone(32, 32)).webp().toBuffer();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(small.length - 1),
        fc.nat(255),
        fc.integer({ min: 1, max: small.length }),
        async (place, byte, length) => {
          const damaged = Uint8Array.from(small.subarray(0, length));
          if (place < length) damaged[place] = byte;
          const result = await decodePicture(damaged, { width: 32, height: 32 }).catch((error: unknown) => error);
          if (result instanceof Error) expect(result).toBeInstanceOf(EngineError);
        },
      ),
      { numRuns: 200 },
    );
  });
});
