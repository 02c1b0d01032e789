import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import { redisRunQueue } from '../../../bot/queue/redis-queue.ts';
import { QueueBusyError, type RunQueue } from '../../../bot/queue/run-queue.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { jobIdSchema } from '../../../commands/ids.ts';
import { newDatabase } from '../store/stores.ts';

const newJob = () => ({ id: jobIdSchema.parse(randomUUID()), attempts: 0 });
const { TEST_DATABASE_URL: postgres, TEST_REDIS_URL: redis } = process.env;

/** What wakes workers, whatever server is behind it. */
function queueConformance(open: () => Promise<{ queue: RunQueue; close: () => Promise<void> }>): void {
  let queue: RunQueue;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ queue, close } = await open());
  });
  afterEach(async () => {
    const consumer = await queue.work(async () => {}, 5);
    await vi.waitFor(async () => expect(await queue.countWaiting()).toBe(0), { timeout: 20_000 });
    await consumer.stop();
  });
  afterAll(() => close());

  it('runs once for every job that was announced, before and after the worker came', async () => {
    let runs = 0;
    const before = Array.from({ length: 3 }, newJob);
    for (const job of before) await queue.announce(job);
    expect(await queue.countWaiting()).toBe(3);
    const consumer = await queue.work(async () => {
      runs++;
    }, 2);
    await queue.announce(newJob());
    await vi.waitFor(() => expect(runs).toBe(4), { timeout: 20_000 });
    expect(await queue.countWaiting()).toBe(0);
    await consumer.stop();
  });

  it('can be written to', () => expect(queue.requireWritable()).resolves.toBeUndefined());

  it('takes the same job said twice for one', async () => {
    const job = newJob();
    await Promise.all([queue.announce(job), queue.announce(job), queue.announce(job)]);
    expect(await queue.countWaiting()).toBe(1);
  });

  it('wakes a worker again for a job that is back in line while its last announcement still counts as taken', async () => {
    let runs = 0;
    let finish = (): void => {};
    const isFinished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const consumer = await queue.work(async () => {
      runs++;
      await isFinished;
    }, 2);
    const job = newJob();
    await queue.announce(job);
    await vi.waitFor(() => expect(runs).toBe(1), { timeout: 20_000 });
    await queue.announce({ ...job, attempts: 1 });
    await vi.waitFor(() => expect(runs).toBe(2), { timeout: 20_000 });
    finish();
    await consumer.stop();
  });

  it('never runs more at a time than it may', async () => {
    let [running, most, done] = [0, 0, 0];
    const consumer = await queue.work(async () => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running--;
      done++;
    }, 2);
    await Promise.all(Array.from({ length: 6 }, () => queue.announce(newJob())));
    await vi.waitFor(() => expect(done).toBe(6), { timeout: 20_000 });
    expect(most).toBe(2);
    await consumer.stop();
  });

  it('goes on after a run that failed', async () => {
    let runs = 0;
    const consumer = await queue.work(async () => {
      runs++;
      if (runs === 1) throw new Error('The first one breaks.');
    }, 1);
    await queue.announce(newJob());
    await queue.announce(newJob());
    await vi.waitFor(() => expect(runs).toBe(2), { timeout: 20_000 });
    await consumer.stop();
  });

  it('waits for what runs when it is stopped', async () => {
    let isDone = false;
    const consumer = await queue.work(async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      isDone = true;
    }, 1);
    await queue.announce(newJob());
    await vi.waitFor(async () => expect(await queue.countWaiting()).toBe(0), { timeout: 20_000 });
    await consumer.stop();
    expect(isDone).toBe(true);
  });
}

async function inDatabase(databaseUrl: string | undefined, remove = async (): Promise<void> => {}) {
  const { store, database } = await openStore({ databaseUrl, folder: null });
  const queue = await openRunQueue(undefined, database, () => {});
  return {
    queue,
    async close() {
      await queue.close();
      await store.close();
      await remove();
    },
  };
}

describe('the run queue on PGlite', () => queueConformance(() => inDatabase(undefined)));

describe('the run queue on Postgres', () => {
  if (postgres === undefined) it.skip('left out: TEST_DATABASE_URL names no server', () => {});
  else {
    queueConformance(async () => {
      const { url, remove } = await newDatabase(postgres);
      return inDatabase(url, remove);
    });
  }
});

describe('the run queue on Redis', () => {
  if (redis === undefined) it.skip('left out: TEST_REDIS_URL names no server', () => {});
  else {
    queueConformance(async () => {
      // A database of its own, of Redis' sixteen: what else is tested beside it must not be flushed away.
      const own = new URL('/1', redis).href;
      const client = new Redis(own);
      await client.flushdb();
      await client.quit();
      const queue = redisRunQueue(own, () => {});
      return { queue, close: () => queue.close() };
    });
  }

  it('says soon that a server is away, rather than wait for it', async () => {
    const errors: Error[] = [];
    // Nothing listens on port 1.
    const queue = redisRunQueue('redis://127.0.0.1:1', (error) => errors.push(error));
    await expect(queue.announce(newJob())).rejects.toBeInstanceOf(QueueBusyError);
    expect(errors.length).toBeGreaterThan(0);
    await expect(queue.countWaiting()).rejects.toThrow();
    await queue.close();
  });
});
