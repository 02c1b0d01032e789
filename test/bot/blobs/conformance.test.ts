import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Blobs, blobKeyOf, MissingBlobError } from '../../../bot/blobs/blobs.ts';
import { folderBlobs } from '../../../bot/blobs/folder.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What every place for pictures keeps to. */
function blobsConformance(open: () => Promise<{ blobs: Blobs; close: () => Promise<void> }>): void {
  let blobs: Blobs;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ blobs, close } = await open());
  });
  afterAll(() => close());

  it('gives back what was put, by the hash of its content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (content) => {
        const key = await blobs.put(content);
        expect(key).toBe(blobKeyOf(content));
        expect(Buffer.from(await blobs.get(key)).equals(Buffer.from(content))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('stores the same content once, also at the same moment', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => blobs.put(bytes('the same'))));
    expect(new Set(keys).size).toBe(1);
  });

  it('says what is missing, and forgets what was removed', async () => {
    const key = await blobs.put(bytes('short-lived'));
    await blobs.remove(key);
    await blobs.remove(key);
    await expect(blobs.get(key)).rejects.toBeInstanceOf(MissingBlobError);
  });
}

describe('blobs in a folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-blobs-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  blobsConformance(async () => ({ blobs: await folderBlobs(join(folder, 'conformance')), close: async () => {} }));

  it('refuses bytes that are no longer what their key says', async () => {
    const blobs = await folderBlobs(join(folder, 'damaged'));
    const key = await blobs.put(bytes('whole'));
    await truncate(join(folder, 'damaged', key.slice(0, 2), key), 3);
    await expect(blobs.get(key)).rejects.toThrow(/is damaged/);
  });

  it('clears away what a killed process left half written', async () => {
    const root = join(folder, 'killed');
    await folderBlobs(root);
    await writeFile(join(root, 'unfinished', 'half'), 'ha');
    await folderBlobs(root);
    expect(await readdir(join(root, 'unfinished'))).toEqual([]);
  });

  it('leaves nothing behind where there is no room to write', async () => {
    const root = join(folder, 'full');
    const blobs = await folderBlobs(root);
    // A file stands where the blob's folder should be: the rename fails, as on a full disk.
    await writeFile(join(root, blobKeyOf(bytes('stuck')).slice(0, 2)), '');
    await expect(blobs.put(bytes('stuck'))).rejects.toThrow();
    expect(await readdir(join(root, 'unfinished'))).toEqual([]);
  });
});
