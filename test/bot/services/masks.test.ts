import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readMask, transparentPart } from '../../../bot/services/masks.ts';

type Rgba = readonly [number, number, number, number];

/** A picture whose left half is one colour and whose right half is another. */
async function halves(left: Rgba, right: Rgba, width = 32, height = 16): Promise<Uint8Array> {
  const pixels = Array.from({ length: width * height }, (_, index) =>
    index % width < width / 2 ? left : right,
  ).flat();
  return sharp(Uint8Array.from(pixels), { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** A picture of these colours, with nothing in the columns from this one on, in the first so many rows. */
async function picture(
  colour: (column: number, row: number) => Rgba,
  hole: { readonly from?: number; readonly rows?: number } = {},
  { width, height } = size,
): Promise<Uint8Array> {
  const { from = width, rows = height } = hole;
  const pixels = Array.from({ length: width * height }, (_, index) => {
    const [column, row] = [index % width, Math.floor(index / width)];
    return column >= from && row < rows ? NOTHING : colour(column, row);
  }).flat();
  return sharp(Uint8Array.from(pixels), { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

const colourful = (column: number, row: number): Rgba => [column * 7, row * 15, 128, 255];

const BLACK: Rgba = [0, 0, 0, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const NOTHING: Rgba = [200, 10, 10, 0];
const size = { width: 32, height: 16 };

/** The mask's left and right, 0 to 255. */
async function sides(mask: Uint8Array | null): Promise<readonly (number | undefined)[]> {
  if (mask === null) throw new Error('There is no mask.');
  const { data, info } = await sharp(mask).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return [data[1], data[info.width - 2]];
}

describe('the transparent part of a picture', () => {
  it('is white in its mask', async () => {
    expect(await sides(await transparentPart(await halves(NOTHING, WHITE)))).toEqual([255, 0]);
  });

  it('is none where it is a speck, a border or round corners', async () => {
    const wide = { width: 256, height: 256 };
    const holed = async (isMissing: (column: number, row: number) => boolean) =>
      transparentPart(await picture((column, row) => (isMissing(column, row) ? NOTHING : WHITE), {}, wide));
    expect(await holed((column, row) => column === 100 && row === 100)).toBeNull();
    expect(await holed((column) => column < 10 || column > 245)).toBeNull();
    expect(await holed((column, row) => Math.hypot(Math.max(0, 24 - column), Math.max(0, 24 - row)) > 24)).toBeNull();
    expect(await holed((column, row) => Math.hypot(column - 90, row - 90) < 20)).not.toBeNull();
  });

  it('is none of an opaque one, whether or not it could be transparent', async () => {
    expect(await transparentPart(await halves(BLACK, WHITE))).toBeNull();
    expect(
      await transparentPart(
        await sharp(await halves(BLACK, WHITE))
          .jpeg()
          .toBuffer(),
      ),
    ).toBeNull();
  });
});

describe('a mask', () => {
  it('is read white on black, or as a hole', async () => {
    expect(await sides(await readMask(await halves(BLACK, WHITE), size))).toEqual([0, 255]);
    expect(await sides(await readMask(await picture(colourful, { from: 16 }), size))).toEqual([0, 255]);
  });

  it.each([
    ['white', WHITE],
    ['red', [220, 0, 0, 255]],
    ['black', BLACK],
  ] as const)('of %s strokes on nothing is drawn where they are', async (_, colour) => {
    expect(await sides(await readMask(await halves(NOTHING, colour), size))).toEqual([0, 255]);
    expect(await sides(await readMask(await halves(colour, NOTHING), size))).toEqual([255, 0]);
  });

  it('keeps how soft its strokes are', async () => {
    expect(await sides(await readMask(await halves([255, 255, 255, 60], WHITE), size))).toEqual([60, 255]);
  });

  it('in black and white is read as that, whatever is transparent beside', async () => {
    const speck = await picture((column) => (column < 16 ? BLACK : WHITE), { from: 31, rows: 1 });
    expect(await sides(await readMask(speck, size))).toEqual([0, 255]);
    const third = await picture((column) => (column < 8 ? BLACK : WHITE), { from: 16 });
    expect(await sides(await readMask(third, size))).toEqual([0, 0]);
  });

  it('that was erased only halfway is refused, for it could mean either', async () => {
    const faint = picture((column, row) => [column * 7, row * 15, 128, column < 16 ? 255 : 180]);
    await expect(readMask(await faint, size)).rejects.toThrow('half see-through');
  });

  it('is brought to the size of its picture', async () => {
    const mask = await readMask(await halves(BLACK, WHITE, 64, 32), size);
    expect(await sharp(mask).metadata()).toMatchObject(size);
    expect(await sides(mask)).toEqual([0, 255]);
  });

  it('of another shape, or that marks nothing, is refused in one line', async () => {
    await expect(readMask(await halves(BLACK, WHITE, 16, 16), size)).rejects.toThrow(
      'mask: 16x16 does not lie on a picture of 32x16; give one of the same shape.',
    );
    await expect(readMask(await halves(BLACK, BLACK), size)).rejects.toThrow('mask: it marks nothing');
    await expect(readMask(Uint8Array.of(1, 2, 3), size)).rejects.toThrow('not a picture');
  });
});
