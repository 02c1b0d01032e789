import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { withLabel } from '../../../bot/delivery/picture-label.ts';
import { createBlobService } from '../../../bot/services/blobs.ts';
import { withPngTexts } from '../../../commands/png-text.ts';
import { attachment, requestOf } from '../../commands/ask.ts';
import { filled, type Hold, holdTarget } from '../hold.ts';

const folder = mkdtempSync(join(tmpdir(), 'easel-fuzz-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const blobs = await folderBlobs(folder);
const service = createBlobService(blobs);
const { origin } = requestOf('imagine');

/** The largest that can be drawn, where so many bytes may be sent. */
const sideFor = (bytes: number) => Math.max(8, Math.min(4096, Math.floor(Math.sqrt(bytes))));

function noise(side: number, channels: 3 | 4): Sharp {
  const data = randomFillSync(Buffer.alloc(side * side * channels));
  return sharp(data, { raw: { width: side, height: side, channels } });
}
const flat = (side: number, alpha = 0.5) =>
  sharp({ create: { width: side, height: side, channels: 4, background: { r: 9, g: 9, b: 9, alpha } } });

/** Noise does not compress: some rows of it, over and over, do a little. */
function coarse(side: number): Promise<Buffer> {
  const rows = randomFillSync(Buffer.alloc(side * 4 * Math.max(1, side >> 4)));
  const data = Buffer.alloc(side * side * 4, rows);
  return sharp(data, { raw: { width: side, height: side, channels: 4 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

const inputs: Record<string, (bytes: number) => Promise<Buffer>> = {
  'half transparent and of one colour': (bytes) => flat(sideFor(bytes)).png().toBuffer(),
  'nothing but a hole': (bytes) => flat(sideFor(bytes), 0).png().toBuffer(),
  'noise with a hole in WebP': (bytes) =>
    noise(sideFor(bytes) >> 1, 4)
      .webp({ quality: 50, effort: 0 })
      .toBuffer(),
  'rows of noise': (bytes) => coarse(sideFor(bytes)),
  'a photograph': (bytes) =>
    noise(2 * sideFor(bytes), 3)
      .jpeg({ quality: 30 })
      .toBuffer(),
  'a progressive photograph': (bytes) => noise(sideFor(bytes), 3).jpeg({ progressive: true, quality: 60 }).toBuffer(),
  'an interlaced picture': (bytes) => flat(sideFor(bytes)).png({ progressive: true }).toBuffer(),
  'a GIF': (bytes) => flat(sideFor(bytes)).gif({ effort: 1 }).toBuffer(),
  'a GIF that never ends': async (bytes) => Buffer.concat([await flat(8).gif().toBuffer(), filled('!', bytes)]),
  'bytes behind its end': async (bytes) => Buffer.concat([await flat(8).png().toBuffer(), filled('a', bytes)]),
  'no picture': async (bytes) => filled('RIFF', bytes),
};

/** Pictures that people attach, until they are stored; and what is stored, with the operator's label on it. */
export const pictureHolds: readonly Hold[] = [
  holdTarget({
    name: 'pictures to start from',
    inputs,
    parse: (bytes) => {
      const file = attachment(bytes);
      return service.withStart({ picture: file, mask: file }, origin, async ({ picture, mask }) => {
        for (const upload of mask === null ? [picture] : [picture, mask]) await blobs.put(upload.bytes);
        await blobs.get(picture.key);
      });
    },
  }),
  holdTarget({
    name: 'transparent parts',
    inputs,
    parse: (bytes) =>
      service.withStart({ picture: attachment(bytes) }, origin, async ({ mask }) => {
        if (mask !== null) await blobs.put(mask.bytes);
      }),
  }),
  holdTarget({
    name: "pictures with the operator's label",
    inputs,
    parse: async (bytes) => withLabel(withPngTexts(bytes, { parameters: 'a'.repeat(200_000) }), 'Made with Easel'),
  }),
];
