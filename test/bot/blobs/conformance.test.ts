import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Blobs, blobKeyOf, MissingBlobError } from '../../../bot/blobs/blobs.ts';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { s3Blobs } from '../../../bot/blobs/s3.ts';
import type { BlobKey } from '../../../commands/ids.ts';
import { type FakeS3, startFakeS3 } from '../../fakes/s3.ts';

const HOUR = 3_600_000;
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
        expect(key).toBe(await blobKeyOf(content));
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

  it('removes what is older than a moment, and nothing that was stored since', async () => {
    const key = await blobs.put(bytes('old enough'));
    expect(await blobs.removeOlder(key, new Date(Date.now() - HOUR))).toBe(false);
    expect(Buffer.from(await blobs.get(key)).toString()).toBe('old enough');
    expect(await blobs.removeOlder(key, new Date(Date.now() + HOUR))).toBe(true);
    await expect(blobs.get(key)).rejects.toBeInstanceOf(MissingBlobError);
    // It is gone already.
    expect(await blobs.removeOlder(key, new Date(Date.now() + HOUR))).toBe(true);
  });

  it('lists everything a page at a time, with when it was stored', async () => {
    const keys = await Promise.all(Array.from({ length: 7 }, (_, index) => blobs.put(bytes(`listed ${index}`))));
    const found: BlobKey[] = [];
    for (let page = await blobs.list(null, 3); page.length > 0; page = await blobs.list(page.at(-1)!.key, 3)) {
      expect(page.length).toBeLessThanOrEqual(3);
      for (const { storedAt } of page) expect(Math.abs(storedAt.getTime() - Date.now())).toBeLessThan(HOUR);
      found.push(...page.map(({ key }) => key));
    }
    expect(found).toEqual([...found].sort());
    expect(found).toEqual(expect.arrayContaining(keys));
    expect(new Set(found).size).toBe(found.length);
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
    const yesterday = new Date(Date.now() - 86_400_000);
    for (const name of ['half', "another process's"]) await writeFile(join(root, 'unfinished', name), 'ha');
    await utimes(join(root, 'unfinished', 'half'), yesterday, yesterday);
    await folderBlobs(root);
    expect(await readdir(join(root, 'unfinished'))).toEqual(["another process's"]);
  });

  it('leaves nothing behind where there is no room to write', async () => {
    const root = join(folder, 'full');
    const blobs = await folderBlobs(root);
    // A file stands where the blob's folder should be: the rename fails, as on a full disk.
    await writeFile(join(root, (await blobKeyOf(bytes('stuck'))).slice(0, 2)), '');
    await expect(blobs.put(bytes('stuck'))).rejects.toThrow();
    expect(await readdir(join(root, 'unfinished'))).toEqual([]);
  });
});

describe('blobs in S3', () => {
  let server: FakeS3;
  beforeAll(async () => {
    server = await startFakeS3();
  });
  afterAll(() => server.close());

  blobsConformance(async () => ({ blobs: await s3Blobs(server.config), close: async () => {} }));

  it('are asked for again while the server is busy', async () => {
    const blobs = await s3Blobs(server.config);
    server.fail(503, 2);
    const key = await blobs.put(bytes('patience'));
    server.fail(500, 1);
    expect(Buffer.from(await blobs.get(key)).toString()).toBe('patience');
  });

  it('are refused where the server has other bytes than the key says', async () => {
    const blobs = await s3Blobs(server.config);
    const key = await blobs.put(bytes('whole'));
    server.objects.set(`${key.slice(0, 2)}/${key}`, Buffer.from('broken'));
    await expect(blobs.get(key)).rejects.toThrow(/is damaged/);
  });

  it('say at the start what is wrong, without the secret', async () => {
    const wrong = { ...server.config, secretAccessKey: 'not-the-right-one' };
    await expect(s3Blobs(wrong)).rejects.toThrow(/the bucket pictures at 127\.0\.0\.1:\d+ refuses \(403/);
    await expect(s3Blobs(wrong)).rejects.not.toThrow(/not-the-right-one/);
    await expect(s3Blobs({ ...server.config, bucket: 'other' })).rejects.toThrow(/the bucket other .* \(404\)/);
    await expect(s3Blobs({ ...server.config, endpoint: 'http://127.0.0.1:9' })).rejects.toThrow(/does not answer/);
  });
});

const { TEST_S3_ENDPOINT: endpoint, TEST_S3_BUCKET: bucket } = process.env;
if (endpoint === undefined || bucket === undefined) {
  it.skip('blobs in a real S3: left out, for TEST_S3_ENDPOINT and TEST_S3_BUCKET name no server', () => {});
} else {
  describe('blobs in a real S3', () => {
    const { TEST_S3_ACCESS_KEY_ID: accessKeyId = '', TEST_S3_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
    const config = { endpoint, bucket, region: 'us-east-1', accessKeyId, secretAccessKey };
    blobsConformance(async () => ({ blobs: await s3Blobs(config), close: async () => {} }));
  });
}
