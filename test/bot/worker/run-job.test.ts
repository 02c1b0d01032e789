import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Blobs } from '../../../bot/blobs/blobs.ts';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { s3Blobs } from '../../../bot/blobs/s3.ts';
import { EngineClient } from '../../../bot/engine/engine-client.ts';
import { MissingFileError } from '../../../bot/extras/missing-file-error.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import type { RunQueue } from '../../../bot/queue/run-queue.ts';
import type { Store } from '../../../bot/store/store.ts';
import { Quarantine } from '../../../bot/worker/quarantine.ts';
import { runJob } from '../../../bot/worker/run-job.ts';
import type { ContentRule } from '../../../commands/content.ts';
import { pictureId } from '../../../commands/ids.ts';
import type { Job, Work } from '../../../commands/job.ts';
import type { GuildSettings } from '../../../commands/settings.ts';
import { FROM_SOURCE } from '../../../tools/from-source-options.ts';
import { watchedLog } from '../../canary.ts';
import { startFakeS3 } from '../../fakes/s3.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { chargedTo, draw, found, newGuild, recipe, request, setRules, take, WORKER } from '../store/requests.ts';

const entry = fileURLToPath(new URL('../../fixtures/engines/scripted.ts', import.meta.url));
const log = watchedLog();
const settings = { provider: 'cpu', threads: 1, maxBatch: 1, cacheFolder: tmpdir(), previews: false } as const;

/** One job on the real store, with an engine that does what the prompt says. */
describe('a job that goes wrong', () => {
  let folder: string;
  let store: Store;
  let queue: RunQueue;
  let engine: EngineClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-run-job-'));
    const opened = await openMemoryStore();
    store = opened.store;
    queue = await openRunQueue(undefined, opened.database, () => {});
    engine = new EngineClient({ entry, nodeOptions: FROM_SOURCE, settings, onCrash: () => {} });
  });
  afterAll(async () => {
    await engine.close();
    await queue.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  let reOffered = 0;
  let findExtra = async () => '';
  const run = async (
    job: Job,
    blobs: Blobs,
    contentRules: readonly ContentRule[] = [],
    reached: Store = store,
  ): Promise<void> => {
    const models = new Map([['mini', { source: { base: '/model', refiner: null }, handoffAt: null }]]);
    await runJob(
      job,
      {
        ...{
          store: reached,
          queue,
          blobs,
          engine,
          models,
          contentRules,
          upscalers: { find: () => undefined },
          offerFiles: async () => void reOffered++,
          log,
          deadlineSeconds: 60,
          lease: WORKER,
        },
        ...{ progress: localProgress(), quarantine: new Quarantine(), extras: { find: findExtra } },
      },
      new AbortController().signal,
    );
  };

  it('goes back in line where a file has gone, for a worker that has it, but not for ever', async () => {
    const lora = { name: 'ink', hash: '1a'.repeat(32), weight: 1 };
    const { job } = await store.jobs.accept(request({ work: draw(1, { loras: [lora] }) }));
    const blobs = await folderBlobs(folder);
    findExtra = () => Promise.reject(new MissingFileError('LoRA', 'ink'));
    for (const attempts of [1, 2]) {
      await run(await take(store), blobs);
      expect(await found(store, job)).toMatchObject({ status: 'queued', attempts });
      expect(reOffered).toBe(attempts);
    }
    await run(await take(store), blobs);
    findExtra = async () => '';
    expect(await found(store, job)).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('The LoRA ink of this recipe is not here any more') },
    });
  });

  it('is tried once more where memory runs out, then is too large, and costs nothing', async () => {
    const guild = newGuild();
    const { job } = await store.jobs.accept(request({ guild, work: draw(2, { prompt: 'exhaust' }) }));
    const blobs = await folderBlobs(folder);
    await run(await take(store), blobs);
    expect(await found(store, job)).toMatchObject({ status: 'queued', attempts: 1 });
    await run(await take(store), blobs);
    expect(await found(store, job)).toMatchObject({
      status: 'failed',
      attempts: 2,
      failure: {
        code: 'out_of_memory',
        message: expect.stringContaining('too large'),
        cause: 'No memory is left.',
      },
    });
    expect(await chargedTo(store, guild)).toEqual({ pictures: 0, seconds: 0 });
  });

  it('is refused where the disk is full, and costs nothing', async () => {
    const guild = newGuild();
    const { job } = await store.jobs.accept(request({ guild, work: draw(1, { prompt: 'draw' }) }));
    const full: Blobs = {
      put: () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })),
      get: async () => new Uint8Array(),
      remove: async () => {},
      removeOlder: async () => false,
      list: async () => [],
    };
    await run(await take(store), full);
    expect(await found(store, job)).toMatchObject({
      status: 'failed',
      failure: { code: 'storage', message: expect.stringContaining('no room left') },
    });
    expect(await chargedTo(store, guild)).toEqual({ pictures: 0, seconds: 0 });
  });

  describe('waits, and loses nothing, where', () => {
    const upscale = (source: Job): Work => ({
      kind: 'upscale',
      recipe: { ...recipe, upscale: { factor: 2, method: 'lanczos' } },
      source: pictureId(source.id, 0),
    });
    const drawnIn = async (blobs: Blobs): Promise<Job> => {
      const { job } = await store.jobs.accept(request({ work: draw(1, { prompt: 'draw' }) }));
      await run(await take(store), blobs);
      return job;
    };

    it('the store is away while it is asked what the picture starts from', async () => {
      const blobs = await folderBlobs(folder);
      const { job } = await store.jobs.accept(request({ work: upscale(await drawnIn(blobs)) }));
      let failures = 0;
      const restarting: Store = {
        ...store,
        pictures: {
          ...store.pictures,
          async find(id) {
            if (failures === 2) return store.pictures.find(id);
            failures += 1;
            throw new Error('Failed query', { cause: new Error('Connection terminated unexpectedly') });
          },
        },
      };
      await run(await take(store), blobs, [], restarting);
      expect(failures).toBe(2);
      expect(await found(store, job)).toMatchObject({ status: 'done', attempts: 1 });
    });

    it('the bucket is, while it is to keep a picture', async () => {
      const fake = await startFakeS3();
      onTestFinished(() => fake.close());
      const bucket = await s3Blobs(fake.config);
      // The client itself asks six times.
      fake.fail(503, 7);
      expect(await found(store, await drawnIn(bucket))).toMatchObject({ status: 'done', attempts: 1 });
      expect(fake.objects.size).toBe(1);
    });
  });

  it('goes back in line where a server stays away', async () => {
    const { job } = await store.jobs.accept(request({ work: draw(1, { prompt: 'draw' }) }));
    const away: Blobs = {
      ...(await folderBlobs(folder)),
      put: () => Promise.reject(Object.assign(new Error('no answer'), { code: 'ECONNREFUSED' })),
    };
    await run(await take(store), away);
    expect(await found(store, job)).toMatchObject({ status: 'queued', attempts: 1 });
    await run(await take(store), await folderBlobs(folder));
    expect(await found(store, job)).toMatchObject({ status: 'done', attempts: 2 });
  });

  describe('or whose picture is not for everybody', () => {
    const rules = (action: ContentRule['action']) => [{ label: 'nude', threshold: 0.5, action }];
    const outcome = async (prompt: string, action: ContentRule['action'], flagged: GuildSettings['flagged']) => {
      const guild = newGuild();
      await setRules(store, guild, { flagged });
      const { job } = await store.jobs.accept(request({ guild, work: draw(1, { prompt }) }));
      await run(await take(store), await folderBlobs(folder), rules(action));
      return {
        job: await found(store, job),
        pictures: await store.pictures.ofJob(job.id),
        charged: await chargedTo(store, guild),
      };
    };

    it('is delivered covered, and says why', async () => {
      const { job, pictures, charged } = await outcome('nude', 'spoiler', 'spoiler');
      expect(job).toMatchObject({ status: 'done', spoiler: true });
      expect(pictures[0]?.notes).toEqual([{ code: 'covered', label: 'nude' }]);
      expect(charged.pictures).toBe(1);
    });

    it.each([
      ['its operator', 'refuse', 'spoiler'],
      ['its guild', 'spoiler', 'refuse'],
    ] as const)('is refused where %s wants it so, costs nothing and leaves nothing', async (_, action, flagged) => {
      const { job, pictures, charged } = await outcome('nude', action, flagged);
      expect(job).toMatchObject({
        status: 'failed',
        failure: { code: 'content', message: expect.stringContaining('looks like "nude"; it costs nothing') },
      });
      expect(pictures).toEqual([]);
      expect(charged).toEqual({ pictures: 0, seconds: 0 });
    });

    it('is delivered as ever where nothing is found', async () => {
      const { job, pictures } = await outcome('a cat', 'refuse', 'refuse');
      expect(job).toMatchObject({ status: 'done', spoiler: false });
      expect(pictures[0]?.notes).toEqual([]);
    });
  });
});
