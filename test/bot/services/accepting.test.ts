import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { dispatch } from '../../../bot/dispatch.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import { redisRunQueue } from '../../../bot/queue/redis-queue.ts';
import { rememberedFor } from '../../../bot/services/remembered.ts';
import { createServices } from '../../../bot/services/services.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { watchedLog } from '../../canary.ts';
import { requestOf } from '../../commands/ask.ts';
import { mini } from '../../commands/memory-services.ts';
import { request } from '../store/requests.ts';

const log = watchedLog();

test('a service that drains takes no new requests, and says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'easel-draining-'));
  const { store, database } = await openStore({ folder: null });
  const queue = await openRunQueue(undefined, database, () => {});
  const [blobs, progress] = [await folderBlobs(folder), localProgress()];
  const { jobs } = createServices({
    store,
    queue,
    blobs,
    progress,
    upscalerNames: [],
    modelNames: ['mini'],
    wildcardDir: 'none',
    log,
  });
  try {
    await store.operations.setMode('draining');
    const refused = { name: 'UserError', message: expect.stringContaining('takes no new requests') };
    await expect(jobs.accept(request())).rejects.toMatchObject(refused);
    expect(await store.jobs.countWaiting()).toBe(0);
    await store.operations.setMode('open');
    await vi.waitFor(() => jobs.accept(request()), { timeout: 10_000, interval: 100 });
    expect(await store.jobs.countWaiting()).toBe(1);
  } finally {
    await queue.close();
    await store.close();
    await rm(folder, { recursive: true });
  }
});

test('a request is kept while the queue is away, and its person hears that it takes longer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'easel-busy-'));
  const { store } = await openStore({ folder: null });
  await store.models.register('worker', [{ name: 'mini', description: mini }]);
  // Nothing listens on port 1.
  const queue = redisRunQueue('redis://127.0.0.1:1', () => {});
  const [blobs, progress] = [await folderBlobs(folder), localProgress()];
  const services = createServices({
    store,
    queue,
    blobs,
    progress,
    upscalerNames: [],
    modelNames: ['mini'],
    wildcardDir: 'none',
    log,
  });
  try {
    const reply = await dispatch(requestOf('imagine', { prompt: 'a cat' }), services, log);
    expect(reply).toMatchObject({ kind: 'accepted', text: expect.stringContaining('Busy') });
    expect(await store.jobs.countWaiting()).toBe(1);
  } finally {
    await queue.close();
    await store.close();
    await rm(folder, { recursive: true });
  }
});

test('what is remembered is asked for once, and again when it failed', async () => {
  let asked = 0;
  const ask = rememberedFor(60_000, async () => {
    asked += 1;
    if (asked === 1) throw new Error('away');
    return asked;
  });
  await expect(ask()).rejects.toThrow('away');
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([2, 2, 2]);
  expect(await ask()).toBe(2);
});
