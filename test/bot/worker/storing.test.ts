import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { EngineClient } from '../../../bot/engine/engine-client.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import { startWorker } from '../../../bot/worker/worker.ts';
import { FROM_SOURCE } from '../../../tools/from-source-options.ts';
import { watchedLog } from '../../canary.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { draw, found, request } from '../store/requests.ts';

const entry = fileURLToPath(new URL('../../fixtures/engines/scripted.ts', import.meta.url));
const settings = { provider: 'cpu', threads: 1, maxBatch: 1, cacheFolder: tmpdir(), previews: false } as const;

it('a worker draws its next job while the last one is stored, and gets no further ahead', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'easel-storing-'));
  const { store, database } = await openMemoryStore();
  const queue = await openRunQueue(undefined, database, () => {});
  const engine = new EngineClient({ entry, nodeOptions: FROM_SOURCE, settings, onCrash: () => {} });
  const disk = await folderBlobs(join(folder, 'blobs'));
  let free = (): void => {};
  const isFree = new Promise<void>((resolve) => {
    free = resolve;
  });
  let storing = 0;
  const worker = await startWorker({
    ...{ store, queue, engine, log: watchedLog(), progress: localProgress() },
    blobs: {
      ...disk,
      async put(bytes) {
        storing += 1;
        await isFree;
        return disk.put(bytes);
      },
    },
    models: [{ name: 'mini', base: '/model', refiner: null }],
    modelDir: join(folder, 'models'),
    extraFolders: { lora: join(folder, 'loras'), embedding: join(folder, 'embeddings') },
    upscalers: [],
    concurrency: 1,
    deadlineSeconds: 60,
  });
  onTestFinished(async () => {
    free();
    await worker.stop();
    await engine.close();
    await queue.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  const jobs = await Promise.all(
    ['first', 'second', 'third'].map(
      async (prompt) => (await store.jobs.accept(request({ work: draw(1, { prompt }) }))).job,
    ),
  );
  const statuses = async () =>
    (await Promise.all(jobs.map((job) => found(store, job)))).map(({ status }) => status).sort();
  for (const job of jobs) await queue.announce(job);
  await vi.waitFor(() => expect(storing).toBe(2), { timeout: 20_000 });
  // What is drawn is held in memory until it is stored: not without end where a disk does not answer.
  expect(await statuses()).toEqual(['queued', 'running', 'running']);
  free();
  await vi.waitFor(async () => expect(await statuses()).toEqual(['done', 'done', 'done']), { timeout: 20_000 });
});
