import { createHash, randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { prepareFiles } from '../../../bot/discord/render/files.ts';
import { type BlobKey, blobKeySchema } from '../../../commands/ids.ts';
import type { ReplyPicture } from '../../../commands/reply.ts';
import { plainMessage } from '../platform-harness.ts';

const blobs = new Map<BlobKey, Uint8Array>();
const readBlob = async (key: BlobKey) => blobs.get(key)!;

async function picture(name: string, width: number, options: Partial<ReplyPicture> = {}): Promise<ReplyPicture> {
  // Noise, which no encoder makes much smaller.
  const raw = { width, height: width, channels: 3 } as const;
  const bytes = await sharp(randomBytes(width * width * 3), { raw })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const blob = blobKeySchema.parse(createHash('sha256').update(bytes).digest('hex'));
  blobs.set(blob, bytes);
  return { id: null, blob, name, alt: 'a cat', width, height: width, spoiler: false, ...options };
}

const MEGABYTE = 1024 * 1024;

describe('prepareFiles', () => {
  it('leaves a picture that fits untouched', async () => {
    const small = await picture('cat.png', 64);
    const { files, attachments } = await prepareFiles({ ...plainMessage(''), pictures: [small] }, readBlob, MEGABYTE);
    expect(attachments).toEqual([{ id: 0, filename: 'cat.png', description: 'a cat' }]);
    expect(Buffer.compare(files[0]!.data as Buffer, blobs.get(small.blob)!)).toBe(0);
  });

  it('makes any picture fit, in fewer pixels if need be', async () => {
    const large = await picture('cat.png', 600);
    for (const limit of [500_000, 100_000, 20_000]) {
      const { files, attachments } = await prepareFiles({ ...plainMessage(''), pictures: [large] }, readBlob, limit);
      expect((files[0]!.data as Buffer).length).toBeLessThanOrEqual(limit);
      expect(attachments[0]!.filename).toBe('cat.jpg');
    }
  });

  it('keeps the request within its size, whatever each file may have', async () => {
    const large = await picture('cat.png', 1800);
    expect(blobs.get(large.blob)!.length).toBeGreaterThan(8 * MEGABYTE);
    const pictures = [large, large, large, large];
    const { files } = await prepareFiles({ ...plainMessage(''), pictures }, readBlob, 100 * MEGABYTE);
    const total = files.reduce((sum, { data }) => sum + (data as Buffer).length, 0);
    expect(files).toHaveLength(4);
    expect(total).toBeLessThanOrEqual(24 * MEGABYTE);
  }, 60_000);

  it('sends at most ten files, the one to hand over among them', async () => {
    const pictures = await Promise.all(Array.from({ length: 12 }, (_, index) => picture(`${index}.png`, 8 + index)));
    const file = { name: 'settings.json', contentType: 'application/json', bytes: new Uint8Array([123, 125]) };
    const { files } = await prepareFiles({ ...plainMessage(''), pictures, file }, readBlob, MEGABYTE);
    expect(files).toHaveLength(10);
    expect(files[9]).toMatchObject({ name: 'settings.json', contentType: 'application/json' });
  });

  it.each([
    ['a cat/../@everyone.png', 'a_cat_..__everyone.png'],
    ['…', 'file'],
    [`${'x'.repeat(300)}.png`, `${'x'.repeat(76)}.png`],
  ])('names %s as Discord would', async (name, safe) => {
    const small = await picture(name, 9, { spoiler: true });
    const { attachments } = await prepareFiles({ ...plainMessage(''), pictures: [small] }, readBlob, MEGABYTE);
    expect(attachments[0]!.filename).toBe(`SPOILER_${safe}`);
  });
});
