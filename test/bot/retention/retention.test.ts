import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Blobs, MissingBlobError } from '../../../bot/blobs/blobs.ts';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { retentionRound } from '../../../bot/retention/retention.ts';
import type { Store } from '../../../bot/store/store.ts';
import { type BlobKey, type JobId, messageIdSchema } from '../../../commands/ids.ts';
import type { RetentionPolicy } from '../../../config/index.ts';
import { watchedLog } from '../../canary.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { draw, request, take, WORKER } from '../store/requests.ts';

const DAY = 86_400_000;
const keepAll: RetentionPolicy = {
  pictureDays: null,
  handoffDays: null,
  jobDays: null,
  turnDays: null,
  auditDays: null,
  usageDays: null,
};

let folder: string;
let blobs: Blobs;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-retention-'));
  blobs = await folderBlobs(folder);
  ({ store } = await openMemoryStore());
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const put = (text: string): Promise<BlobKey> => blobs.put(new TextEncoder().encode(text));
const isThere = (key: BlobKey): Promise<boolean> =>
  blobs.get(key).then(
    () => true,
    (error: unknown) => {
      if (error instanceof MissingBlobError) return false;
      throw error;
    },
  );

/** A round so many days from now. */
const roundIn = (days: number, policy: Partial<RetentionPolicy> = {}) =>
  retentionRound({
    store,
    blobs,
    policy: { ...keepAll, ...policy },
    log: watchedLog(),
    now: () => Date.now() + days * DAY,
  });

async function deliveredPicture(text: string) {
  const { job } = await store.jobs.accept(request());
  await take(store);
  const [blob, handoff] = [await put(text), await put(`${text}'s hand-off`)];
  await store.jobs.finish(
    job.id,
    WORKER.worker,
    [{ index: 0, blob, handoff, width: 8, height: 8, notes: [], timings: {} }],
    1,
  );
  await store.deliveries.delivered(job.id, { channel: job.origin.channel, message: messageIdSchema.parse(job.id) });
  return { job, blob, handoff };
}

it('collects what a dead process stored and did not record, but not what may be recorded yet', async () => {
  const { blob, handoff } = await deliveredPicture('recorded');
  const orphan = await put('stored by a process that died');
  await roundIn(0.5).run();
  expect(await isThere(orphan)).toBe(true);
  await Promise.all([roundIn(2).run(), roundIn(2).run()]);
  expect([await isThere(orphan), await isThere(blob), await isThere(handoff)]).toEqual([false, true, true]);
});

it('removes the bytes of what the policy does not keep, the hand-off first', async () => {
  const { job, blob, handoff } = await deliveredPicture('short-lived');
  const policy = { pictureDays: 30, handoffDays: 7, jobDays: 60 };
  await roundIn(6, policy).run();
  expect([await isThere(blob), await isThere(handoff)]).toEqual([true, true]);
  await roundIn(8, policy).run();
  expect([await isThere(blob), await isThere(handoff)]).toEqual([true, false]);
  await roundIn(31, policy).run();
  expect(await isThere(blob)).toBe(false);
  expect(await store.pictures.ofJob(job.id)).toMatchObject([{ expired: true }]);
  await roundIn(61, policy).run();
  expect(await store.jobs.find(job.id)).toBeNull();
});

it('keeps bytes that an expired picture shares with one that was drawn again', async () => {
  const first = await deliveredPicture('drawn twice');
  await roundIn(31, { pictureDays: 30 }).run();
  expect(await isThere(first.blob)).toBe(false);
  const second = await deliveredPicture('drawn twice');
  expect(second.blob).toBe(first.blob);
  await roundIn(2).run();
  expect(await isThere(second.blob)).toBe(true);
});

describe('a picture that its person deletes', () => {
  const GRACE = 0.02;
  const only = async (job: { readonly id: JobId }) => (await store.pictures.ofJob(job.id))[0]!;

  it('loses its bytes after a grace', async () => {
    const { job, blob, handoff } = await deliveredPicture('deleted');
    await store.pictures.remove((await only(job)).id);
    await roundIn(0).run();
    expect(await isThere(blob)).toBe(true);
    await roundIn(GRACE).run();
    expect([await isThere(blob), await isThere(handoff)]).toEqual([false, false]);
    expect(await store.retention.releasedBlobs(new Date(Date.now() + DAY), 9)).toEqual([]);
  });

  it('keeps them while a job that draws the same runs, and for good once that has drawn them', async () => {
    const { job, blob } = await deliveredPicture('reproduced');
    const again = await store.jobs.accept(request());
    await take(store);
    // Drawn anew, stored, and not recorded yet: then the first one is deleted.
    await put('reproduced');
    await store.pictures.remove((await only(job)).id);
    // However long the job takes.
    await roundIn(GRACE).run();
    expect(await isThere(blob)).toBe(true);
    const picture = { index: 0, blob, handoff: null, width: 8, height: 8, notes: [], timings: {} };
    expect(await store.jobs.finish(again.job.id, WORKER.worker, [picture], 1)).toBe(true);
    await roundIn(GRACE).run();
    expect(await isThere(blob)).toBe(true);
    expect(await store.retention.releasedBlobs(new Date(Date.now() + DAY), 9)).toEqual([]);
  });

  it('keeps them while a request that begins with them waits, also when its person is forgotten', async () => {
    const { job, blob } = await deliveredPicture('begun with');
    const waiting = await store.jobs.accept(request({ work: draw(1, { init: { picture: blob, strength: 0.5 } }) }));
    await store.people.forget(job.origin);
    await roundIn(GRACE).run();
    expect(await isThere(blob)).toBe(true);
    await take(store);
    const other = await put('drawn from it');
    const picture = { index: 0, blob: other, handoff: null, width: 8, height: 8, notes: [], timings: {} };
    await store.jobs.finish(waiting.job.id, WORKER.worker, [picture], 1);
    await roundIn(GRACE).run();
    expect([await isThere(blob), await isThere(other)]).toEqual([false, true]);
  });
});
