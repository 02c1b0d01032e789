import sharp from 'sharp';
import { expect, it } from 'vitest';
import { pictureGrid } from '../../bot/picture-grid.ts';

async function flat(width: number, height: number, background: string): Promise<Uint8Array> {
  return new Uint8Array(
    await sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer(),
  );
}

it('puts each picture in its own cell, in reading order', async () => {
  const colours = ['#ff0000', '#00ff00', '#0000ff', '#ffffff'];
  const grid = await pictureGrid(await Promise.all(colours.map((colour) => flat(32, 24, colour))));
  const { data, info } = await sharp(grid).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([72, 56]);
  const at = (x: number, y: number): number[] => [...data.subarray(3 * (y * info.width + x)).subarray(0, 3)];
  expect([at(16, 12), at(56, 12), at(16, 44), at(56, 44)]).toEqual([
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ]);
});

it.each([
  [1, 32, 24],
  [2, 72, 24],
  [3, 72, 56],
  [4, 72, 56],
])('is as large as %d pictures need', async (count, width, height) => {
  const grid = await pictureGrid(await Promise.all(Array.from({ length: count }, () => flat(32, 24, '#808080'))));
  expect(await sharp(grid).metadata()).toMatchObject({ width, height, format: 'png' });
});

it('centres pictures of other sizes', async () => {
  const grid = await pictureGrid([await flat(40, 16, '#ff0000'), await flat(16, 40, '#00ff00')]);
  expect(await sharp(grid).metadata()).toMatchObject({ width: 88, height: 40 });
});
