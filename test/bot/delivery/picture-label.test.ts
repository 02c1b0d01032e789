import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { blobKeyOf } from '../../../bot/blobs/blobs.ts';
import { labelledBlobs, withLabel } from '../../../bot/delivery/picture-label.ts';
import { prepareFiles } from '../../../bot/discord/render/files.ts';
import { readPngTexts, withPngTexts } from '../../../commands/png-text.ts';
import { recipeTexts } from '../../../inference/image/recipe-texts.ts';
import { isMarkedAsAi } from '../../ai-mark.ts';
import { plainMessage } from '../platform-harness.ts';
import { recipe } from '../store/requests.ts';

/** A drawing of ours, of one colour. */
async function drawing(width: number, height: number): Promise<Uint8Array> {
  const flat = sharp({ create: { width, height, channels: 3, background: '#3377bb' } });
  return withPngTexts(await flat.png().toBuffer(), recipeTexts(recipe));
}

/** The box of what differs between two pictures: left, top, right and bottom, as shares of the sides. */
async function changed(before: Uint8Array, after: Uint8Array): Promise<readonly number[]> {
  const [a, b] = await Promise.all(
    [before, after].map((one) => sharp(one).raw().toBuffer({ resolveWithObject: true })),
  );
  const { width, height, channels } = a!.info;
  const places = [...a!.data.keys()].filter((at) => a!.data[at] !== b!.data[at]).map((at) => Math.floor(at / channels));
  const columns = places.map((at) => at % width);
  const rows = places.map((at) => Math.floor(at / width));
  const least = (values: number[]) => values.reduce((x, y) => Math.min(x, y), Number.POSITIVE_INFINITY);
  const most = (values: number[]) => values.reduce((x, y) => Math.max(x, y), 0);
  return [least(columns) / width, least(rows) / height, (most(columns) + 1) / width, (most(rows) + 1) / height];
}

describe('the label', () => {
  it.each([
    [64, 64],
    [256, 192],
    [1024, 512],
  ])('is in the corner of %dx%d, and nowhere else', async (width, height) => {
    const picture = await drawing(width, height);
    const [left = 0, top = 0, right, bottom] = await changed(picture, await withLabel(picture, 'AI'));
    expect([right, bottom]).toEqual([1, 1]);
    expect(left).toBeGreaterThan(0.5);
    expect(top).toBeGreaterThan(0.6);
  });

  it('leaves the size, the recipe and the mark as they were', async () => {
    const picture = await drawing(128, 64);
    const labelled = await withLabel(picture, 'Made by <AI> & us, in words that are far too long for this picture');
    expect(await sharp(labelled).metadata()).toMatchObject({ width: 128, height: 64, channels: 3, format: 'png' });
    expect(readPngTexts(labelled)).toEqual(readPngTexts(picture));
    expect(await isMarkedAsAi(labelled)).toBe(true);
  });

  it('is on what is shown, not on what is stored, nor on what Easel did not draw', async () => {
    const picture = await drawing(64, 64);
    const photo = await sharp(picture).png().toBuffer();
    const [pictureKey, photoKey] = [await blobKeyOf(picture), await blobKeyOf(photo)];
    const stored = new Map([
      [pictureKey, picture],
      [photoKey, photo],
    ]);
    const shown = await labelledBlobs({ get: async (key) => stored.get(key)! }, 'AI');
    expect(await shown.get(pictureKey)).not.toEqual(picture);
    expect(await shown.get(photoKey)).toEqual(photo);
    expect(await blobKeyOf(stored.get(pictureKey)!)).toBe(pictureKey);
  });
});

it('a picture that had to become a smaller JPEG is still marked', async () => {
  const noise = await readFile('test/fixtures/golden/mini/cat_snow.png');
  const picture = withPngTexts(noise, recipeTexts(recipe));
  const blob = await blobKeyOf(picture);
  const shown = { id: null, blob, name: 'cat.png', alt: '', width: 256, height: 256, spoiler: false };
  for (const limit of [20_000, 4_000]) {
    const { files } = await prepareFiles({ ...plainMessage(''), pictures: [shown] }, async () => picture, limit);
    expect(files[0]!.contentType).toBe('image/jpeg');
    expect(await isMarkedAsAi(files[0]!.data as Buffer)).toBe(true);
  }
});
