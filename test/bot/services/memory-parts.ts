import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import type { RunQueue } from '../../../bot/queue/run-queue.ts';
import { createServices } from '../../../bot/services/services.ts';
import type { Logger } from '../../../config/index.ts';
import { watchedLog } from '../../canary.ts';
import { openMemoryStore } from '../store/memory-store.ts';

/** The services on an embedded store in memory and a folder of their own; on its queue unless another is given. */
export async function openServices(other?: RunQueue, log: Logger = watchedLog()) {
  const folder = await mkdtemp(join(tmpdir(), 'easel-services-'));
  const { store, database } = await openMemoryStore();
  const queue = other ?? (await openRunQueue(undefined, database, () => {}));
  const [blobs, progress] = [await folderBlobs(folder), localProgress()];
  const parts = { store, queue, blobs, progress, log };
  const named = { modelNames: ['mini'], wildcardDir: folder };
  return {
    ...parts,
    folder,
    services: createServices({ ...parts, ...named }),
    async close(): Promise<void> {
      await queue.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
