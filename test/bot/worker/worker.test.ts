import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Blobs } from '../../../bot/blobs/blobs.ts';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { startOutbox } from '../../../bot/delivery/outbox.ts';
import { DRAWER, startEngine } from '../../../bot/engine/start-engine.ts';
import type { OutgoingDelivery, Platform } from '../../../bot/platform.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import type { RunQueue } from '../../../bot/queue/run-queue.ts';
import { startSweep } from '../../../bot/queue/sweep.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import type { Store } from '../../../bot/store/store.ts';
import { startWorker } from '../../../bot/worker/worker.ts';
import type { Engine } from '../../../commands/engine.ts';
import { channelIdSchema, type JobId, messageIdSchema } from '../../../commands/ids.ts';
import type { JobProgress } from '../../../commands/job.ts';
import { loadConfig } from '../../../config/index.ts';
import { watchedLog } from '../../canary.ts';
import { childrenOf } from '../../child-processes.ts';
import { draw, request } from '../store/requests.ts';

const config = loadConfig({ LOG_LEVEL: 'silent', THREADS: '1' }, tmpdir());
const log = watchedLog();
const small = { width: 128, height: 128, steps: 6, model: { name: 'mini', hash: '' } };
/** Long enough to be interrupted. */
const long = { ...small, steps: 150 };

/** A platform that keeps what it is given, in the order in which it is given it. */
function recordingPlatform(): Platform & { readonly delivered: OutgoingDelivery[] } {
  const delivered: OutgoingDelivery[] = [];
  return {
    id: 'discord',
    delivered,
    start: async () => {},
    stop: async () => {},
    progress: async () => {},
    async deliver(delivery) {
      delivered.push(delivery);
      return {
        channel: channelIdSchema.parse('channel'),
        message: messageIdSchema.parse(`message-${delivered.length}`),
      };
    },
  };
}

describe('the worker, on the real store, queue and engine', () => {
  let folder: string;
  let store: Store;
  let queue: RunQueue;
  let blobs: Blobs;
  let engine: Engine;
  const progress = localProgress();
  const platform = recordingPlatform();
  const seen: JobProgress[] = [];
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-worker-'));
    const opened = await openStore({ folder: null });
    store = opened.store;
    queue = await openRunQueue(undefined, opened.database, () => {});
    blobs = await folderBlobs(join(folder, 'blobs'));
    engine = startEngine({ provider: 'cpu', threads: 1, maxBatch: 8, cacheFolder: folder, previews: true });
    progress.subscribe((now) => seen.push(now));
    const outbox = startOutbox({ store, blobs, progress, platforms: [platform], process: 'a', log });
    const sweep = startSweep({ store, queue, progress, log });
    ends.push(
      () => outbox.stop(),
      () => sweep.stop(),
      () => engine.close(),
      () => queue.close(),
      () => store.close(),
    );
  });
  afterAll(async () => {
    for (const end of ends) await end();
    await rm(folder, { recursive: true });
  });

  const worker = () =>
    startWorker({
      store,
      queue,
      blobs,
      progress,
      engine,
      models: config.models,
      modelDir: config.modelDir,
      // What is broken stops no worker.
      upscalers: [{ name: 'torn', file: '/nowhere/torn.safetensors' }],
      extraFolders: { lora: 'none', embedding: 'none' },
      concurrency: 4,
      deadlineSeconds: 120,
      log,
    });
  let running: Awaited<ReturnType<typeof worker>> | undefined;
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    platform.delivered.length = 0;
    seen.length = 0;
  });

  const ask = async (input: Parameters<typeof request>[0]): Promise<JobId> => {
    const { job } = await store.jobs.accept(request({ platform: 'discord', ...input }));
    await queue.announce(job);
    return job.id;
  };
  const deliveryOf = async (job: JobId): Promise<OutgoingDelivery> => {
    await vi.waitFor(async () => expect((await store.jobs.find(job))?.finishedAt).not.toBeNull(), {
      timeout: 100_000,
      interval: 100,
    });
    await vi.waitFor(() => expect(platform.delivered).toHaveLength(1), { timeout: 20_000, interval: 50 });
    const [delivery] = platform.delivered;
    if (delivery === undefined) throw new Error('Nothing was delivered.');
    return delivery;
  };
  /** Resolves when the job has taken its first step. */
  const drawing = (job: JobId): Promise<void> =>
    vi.waitFor(
      () => expect(seen.some((now) => now.job === job && now.state === 'running' && now.step > 0)).toBe(true),
      {
        timeout: 60_000,
        interval: 10,
      },
    );
  const killEngine = async (): Promise<void> => {
    const pids = await childrenOf(process.pid, `\0${DRAWER}\0`);
    expect(pids).toHaveLength(1);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  };

  it('draws what was asked, charges what was measured, and delivers it once', async () => {
    running = await worker();
    const user = 'drawer';
    const job = await ask({ user, guild: 'drawers', work: draw(2, small) });
    const { message } = await deliveryOf(job);
    expect(message.pictures).toHaveLength(2);
    expect(await store.extras.available('upscaler')).toEqual([]);
    const pictures = await store.pictures.ofJob(job);
    expect(pictures.map(({ recipe }) => recipe.seed)).toEqual([7, 8]);
    expect(pictures.every(({ handoff }) => handoff !== null)).toBe(true);
    const measured = (await store.jobs.find(job))?.measuredSeconds ?? 0;
    expect(measured).toBeGreaterThan(0);
    expect(await charged('drawers')).toEqual({ pictures: 2, seconds: expect.closeTo(measured, 3) });
    expect(seen.filter((now) => now.job === job).at(-1)).toMatchObject({ state: 'finished', status: 'done' });
  });

  it('survives the engine: killed in the middle, then exactly one picture and one charge', async () => {
    running = await worker();
    const job = await ask({ guild: 'survivors', work: draw(1, long) });
    await drawing(job);
    await killEngine();
    const { message } = await deliveryOf(job);
    expect(message.pictures).toHaveLength(1);
    expect(await store.jobs.find(job)).toMatchObject({ status: 'done', attempts: 2 });
    expect(seen.some((now) => now.job === job && now.state === 'restarting')).toBe(true);
    expect((await charged('survivors')).pictures).toBe(1);
  });

  it('explains and refunds when the engine is killed over the same job three times', async () => {
    running = await worker();
    const job = await ask({ guild: 'victims', work: draw(1, long) });
    for (let attempt = 0; attempt < 3; attempt++) {
      seen.length = 0;
      await drawing(job);
      await killEngine();
      await vi.waitFor(() => expect(seen.some(({ state }) => state !== 'running')).toBe(true), { timeout: 20_000 });
    }
    const { message } = await deliveryOf(job);
    expect(message).toMatchObject({ tone: 'failure', text: expect.stringContaining('broke down several times') });
    expect(message.pictures ?? []).toHaveLength(0);
    expect(await charged('victims')).toEqual({ pictures: 0, seconds: 0 });
  });

  it('stops a cancelled job between steps, free of charge', async () => {
    running = await worker();
    const job = await ask({ guild: 'changers', work: draw(1, long) });
    await drawing(job);
    expect(await store.jobs.cancel(job)).toBe('stopping');
    const { message } = await deliveryOf(job);
    expect(message.text).toContain('Cancelled');
    expect(await charged('changers')).toEqual({ pictures: 0, seconds: 0 });
  });

  it('explains what it cannot do, once', async () => {
    running = await worker();
    const job = await ask({ guild: 'askers', work: draw(1, { ...small, sampler: 'magic' }) });
    const { message } = await deliveryOf(job);
    expect(message).toMatchObject({ tone: 'failure', text: expect.stringContaining('no sampler "magic"') });
    expect(await store.jobs.find(job)).toMatchObject({ status: 'failed', attempts: 1 });
  });

  /** What the ledger holds against all members of a guild. */
  async function charged(guild: string): Promise<{ pictures: number; seconds: number }> {
    const day = 86_400_000;
    const rows = await store.usage.daily({
      guild: request({ guild }).origin.guild,
      from: new Date(Date.now() - day),
      to: new Date(Date.now() + day),
    });
    return {
      pictures: rows.reduce((sum, { pictures }) => sum + pictures, 0),
      seconds: rows.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  }
});
