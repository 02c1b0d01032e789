import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readMask, transparentPart } from '../../../bot/services/masks.ts';

type Rgba = readonly [number, number, number, number];

/** A picture whose left half is one colour and whose right half is another. */
async function halves(left: Rgba, right: Rgba, width = 16, height = 8): Promise<Uint8Array> {
  const pixels = Array.from({ length: width * height }, (_, index) =>
    index % width < width / 2 ? left : right,
  ).flat();
  return sharp(Uint8Array.from(pixels), { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

const BLACK: Rgba = [0, 0, 0, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const NOTHING: Rgba = [200, 10, 10, 0];
const size = { width: 16, height: 8 };

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
    expect(await sides(await readMask(await halves(WHITE, NOTHING), size))).toEqual([0, 255]);
  });

  it('is brought to the size of its picture', async () => {
    const mask = await readMask(await halves(BLACK, WHITE, 64, 32), size);
    expect(await sharp(mask).metadata()).toMatchObject(size);
    expect(await sides(mask)).toEqual([0, 255]);
  });

  it('of another shape, or that marks nothing, is refused in one line', async () => {
    await expect(readMask(await halves(BLACK, WHITE, 16, 16), size)).rejects.toThrow(
      'mask: 16x16 does not lie on a picture of 16x8; give one of the same shape.',
    );
    await expect(readMask(await halves(BLACK, BLACK), size)).rejects.toThrow('mask: it marks nothing');
    await expect(readMask(Uint8Array.of(1, 2, 3), size)).rejects.toThrow('not a picture');
  });
});
