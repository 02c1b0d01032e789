import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkBlobs, checkClocks, checkDisk, checkMemory } from '../../../bot/cli/machine-checks.ts';
import { type FakeS3, startFakeS3 } from '../../fakes/s3.ts';

let folder: string;
let server: FakeS3;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-checks-'));
  server = await startFakeS3();
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

it('a place for pictures is tried as it is used, and left as it was', async () => {
  expect(await checkBlobs({ s3: null, dataDir: folder })).toMatchObject({ status: 'ok' });
  expect(await checkBlobs({ s3: server.config, dataDir: folder })).toMatchObject({ status: 'ok' });
  expect(server.objects.size).toBe(0);
  const files = (await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  expect(files).toEqual([]);
});

it('one that cannot be used is told with its fix, without the secret', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(await checkBlobs({ s3: null, dataDir: join(folder, 'file') })).toMatchObject({ status: 'missing' });
  const s3 = { ...server.config, secretAccessKey: 'not-the-right-one' };
  const finding = await checkBlobs({ s3, dataDir: folder });
  expect(finding).toMatchObject({ status: 'missing', fix: expect.stringContaining('S3_ENDPOINT') });
  expect(JSON.stringify(finding)).not.toContain('not-the-right-one');
});

it('little memory is told, and what it is enough for', () => {
  expect(checkMemory(8e9, 16e9)).toEqual({ name: 'Memory', status: 'ok', found: '8.0 GB free of 16.0 GB' });
  expect(checkMemory(1e9, 16e9)).toMatchObject({ status: 'off', fix: expect.stringContaining('4 GB') });
});

it('the disk is looked at where the data lie, and no clock is asked where there is no server', async () => {
  expect((await checkDisk(folder)).found).toMatch(/^\d+\.\d GB free in the data folder$/);
  expect(await checkClocks({ databaseUrl: undefined, redisUrl: undefined })).toEqual([]);
});
