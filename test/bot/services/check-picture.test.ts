import sharp from 'sharp';
import { expect, test } from 'vitest';
import { checkPicture } from '../../../bot/services/check-picture.ts';
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
