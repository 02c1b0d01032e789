import { join } from 'node:path';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { EngineClient } from '../../../bot/engine/engine-client.ts';
import { openProgress } from '../../../bot/progress/open-progress.ts';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { startWorker } from '../../../bot/worker/worker.ts';
import { createLogger, loadConfig } from '../../../config/index.ts';
import { FROM_SOURCE } from '../../from-source-options.ts';

/**
 * A worker process whose engine takes a fixed time; else it is what `easel worker` is: the real store, queue, progress and
 * blobs of its environment. Says `ready` to its parent, and ends when the parent does.
 */
const config = loadConfig();
const log = createLogger(config);
const { store, database } = await openStore({ databaseUrl: config.databaseUrl, folder: null });
const queue = await openRunQueue(config.redisUrl, database, (error) => log.warn({ error }));
const progress = await openProgress(config.redisUrl, database, (error) => log.warn({ error }));
const engine = new EngineClient({
  entry: join(import.meta.dirname, 'fixed-engine.ts'),
  nodeOptions: FROM_SOURCE,
  settings: { provider: 'cpu', threads: 1, maxBatch: 1, cacheFolder: config.dataDir, previews: false },
  onCrash: (message) => log.error(message),
});
await startWorker({
  ...{ store, queue, progress, engine, log },
  blobs: await folderBlobs(join(config.dataDir, 'blobs')),
  models: [{ name: 'mini', base: '/model', refiner: null }],
  modelDir: join(config.dataDir, 'models'),
  extraFolders: { lora: join(config.dataDir, 'loras'), embedding: join(config.dataDir, 'embeddings') },
  upscalers: [],
  concurrency: 1,
  deadlineSeconds: 60,
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
