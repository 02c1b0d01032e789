import sharp from 'sharp';
import { expect, test } from 'vitest';
import { checkPicture } from '../../../bot/services/check-picture.ts';
import { readMask, uprightPicture } from '../../../bot/services/masks.ts';
import { UserError } from '../../../commands/request.ts';

const flat = sharp({ create: { width: 6, height: 4, channels: 3, background: 'teal' } });

test.each(['png', 'jpeg', 'webp', 'gif'] as const)('a %s has a size', async (format) => {
  expect(await checkPicture(await flat.clone().toFormat(format).toBuffer())).toEqual({ width: 6, height: 4 });
});

test('a photograph that lies on its side is told as it stands', async () => {
  const lying = await flat.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer();
  expect(await checkPicture(lying)).toEqual({ width: 4, height: 6 });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a text', Buffer.from('a cat')],
  ['SVG, which a decoder would read', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')],
  ['TIFF, which a decoder would read', await flat.clone().tiff().toBuffer()],
  ['the beginning of a PNG', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
])('%s is refused as no picture', async (_, bytes) => {
  const refused = checkPicture(bytes);
  await expect(refused).rejects.toThrow(UserError);
  await expect(refused).rejects.toThrow(/not a picture/);
});

test('a small file that claims a huge side is refused', async () => {
  const bomb = await sharp({ create: { width: 12_000, height: 6_000, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();
  expect(bomb.byteLength).toBeLessThan(1_000_000);
  await expect(checkPicture(bomb)).rejects.toThrow(UserError);
});

test.each([
  ['interlaced', 'srgb', true],
  ['of 16 bits', 'rgb16', false],
] as const)('a PNG that is %s may be smaller only', async (_, colourspace, progressive) => {
  const large = sharp({ create: { width: 4096, height: 4000, channels: 3, background: 'teal' } });
  const bytes = await large.toColourspace(colourspace).png({ progressive }).toBuffer();
  await expect(checkPicture(bytes)).rejects.toThrow('million are taken');
});

test('a picture is kept upright, without its metadata and without what lies behind its end', async () => {
  const photo = await flat
    .clone()
    .jpeg()
    .withExif({ IFD0: { Copyright: 'somebody' } })
    .toBuffer();
  const lying = await sharp(photo).withMetadata({ orientation: 6 }).toBuffer();
  const kept = await uprightPicture(Buffer.concat([lying, Buffer.alloc(5_000_000, 'x')]));
  expect(kept).toMatchObject({ width: 4, height: 6, hole: null });
  expect(kept.picture.length).toBeLessThan(2_000);
  const { exif, orientation, width, height, format } = await sharp(kept.picture).metadata();
  expect({ exif, orientation, width, height, format }).toEqual({
    exif: undefined,
    orientation: undefined,
    width: 4,
    height: 6,
    format: 'png',
  });
});

test('what is damaged is no picture, also with transparency and as a mask', async () => {
  const whole = await sharp({ create: { width: 64, height: 64, channels: 4, background: '#12345678' } })
    .composite([{ input: Buffer.from('<svg width="64" height="64"><circle cx="20" cy="30" r="9"/></svg>') }])
    .png()
    .toBuffer();
  const broken = whole.subarray(0, whole.length - 60);
  await expect(uprightPicture(broken)).rejects.toThrow(UserError);
  await expect(readMask(broken, { width: 64, height: 64 })).rejects.toThrow(UserError);
});
