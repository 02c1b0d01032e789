import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blobKeyOf } from '../../../bot/blobs/blobs.ts';
import { dispatch } from '../../../bot/dispatch.ts';
import { UploadStorage } from '../../../bot/services/upload-storage.ts';
import type { Attachment } from '../../../commands/request.ts';
import { UserError } from '../../../commands/request.ts';
import { attachment, requestOf } from '../../commands/ask.ts';
import { mini } from '../../commands/memory-services.ts';
import { setRules } from '../store/requests.ts';
import { openServices } from './memory-parts.ts';

let parts: Awaited<ReturnType<typeof openServices>>;
beforeAll(async () => {
  parts = await openServices();
  await parts.store.models.register('worker', [{ name: 'mini', description: mini }]);
});
afterAll(() => parts.close());

const picture = (background: string) =>
  sharp({ create: { width: 64, height: 64, channels: 4, background } })
    .png()
    .toBuffer();

const imagine = async (file: Attachment, user: string) =>
  dispatch(
    requestOf('imagine', { prompt: 'a cat', picture: file }, { guild: 'uploads', user }),
    parts.services,
    parts.log,
  );

const storedKeys = async () => (await parts.blobs.list(null, 100)).map(({ key }) => key);
const refuse = async (): Promise<never> => {
  throw new UserError('quota', 'No more today.');
};
const bytes = (text: string) => new TextEncoder().encode(text);
const upload = async (text: string) => ({ key: await blobKeyOf(bytes(text)), bytes: bytes(text) });

test('nothing of a refused request is stored, also where two came at once and there was room for one', async () => {
  const guild = requestOf('imagine', {}, { guild: 'uploads' }).origin.guild;
  await setRules(parts.store, guild, { concurrentJobs: 1 });
  const files = await Promise.all(['#ff000080', '#00ff0000', '#0000ff'].map(picture));
  const replies = await Promise.all(files.map((file) => imagine(attachment(file), 'ann')));
  expect(replies.map(({ kind }) => kind).sort()).toEqual(['accepted', 'message', 'message']);
  const [job] = await parts.store.jobs.waiting({ limit: 10 });
  const { init, mask } = job?.job.work.recipe ?? {};
  const referred = [init?.picture, mask].filter((key) => key !== undefined).sort();
  expect(referred.length).toBeGreaterThan(0);
  expect(await storedKeys()).toEqual(referred);
});

test('bytes that another request is about to draw from, or draws from, stay where one is refused', async () => {
  const storage = new UploadStorage(parts.blobs, parts.store.retention, parts.log);
  const [shared, own] = [await upload('shared'), await upload('own')];
  const before = await storedKeys();
  let goOn = (): void => {};
  const other = storage.storedFor([shared], () => new Promise<void>((resolve) => (goOn = resolve)));
  await expect.poll(storedKeys).toContain(shared.key);
  await expect(storage.storedFor([shared, own], refuse)).rejects.toThrow('No more today.');
  expect(await storedKeys()).toContain(shared.key);
  expect(await storedKeys()).not.toContain(own.key);
  goOn();
  await other;
  await expect(storage.storedFor([shared], refuse)).rejects.toThrow('No more today.');
  expect(await storedKeys(), 'no job refers to it').toEqual(before);
});

test('where it is not known whether the job was recorded, its bytes are left to the sweep', async () => {
  const storage = new UploadStorage(parts.blobs, parts.store.retention, parts.log);
  const kept = await upload('perhaps');
  const lost = storage.storedFor([kept], async () => {
    throw new Error('The connection was lost.');
  });
  await expect(lost).rejects.toThrow('The connection was lost.');
  expect(await storedKeys()).toContain(kept.key);
});
