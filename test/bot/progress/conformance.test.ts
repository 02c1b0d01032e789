import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { postgresProgress } from '../../../bot/progress/postgres-progress.ts';
import { localProgress, type ProgressBus } from '../../../bot/progress/progress-bus.ts';
import { redisProgress } from '../../../bot/progress/redis-progress.ts';
import { decodeProgress, encodeProgress } from '../../../bot/progress/wire.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { jobIdSchema } from '../../../commands/ids.ts';
import type { JobProgress } from '../../../commands/job.ts';
import { newDatabase } from '../store/stores.ts';

const job = jobIdSchema.parse(randomUUID());
const { TEST_DATABASE_URL: postgres, TEST_REDIS_URL: redis } = process.env;
const step = (preview?: Uint8Array): JobProgress => ({
  job,
  state: 'running',
  stage: 'drawing',
  step: 3,
  steps: 20,
  index: 0,
  count: 1,
  ...(preview && { preview }),
});

/** What carries progress from a worker to a bot: two ends that may be two processes. */
function progressConformance(open: () => Promise<{ worker: ProgressBus; bot: ProgressBus }>): void {
  it('brings every state to all who listen, in order, until they no longer do', async () => {
    const { worker, bot } = await open();
    const [heard, alsoHeard]: [JobProgress[], JobProgress[]] = [[], []];
    const end = bot.subscribe((progress) => heard.push(progress));
    bot.subscribe((progress) => alsoHeard.push(progress));
    const sent: JobProgress[] = [
      { job, state: 'queued', place: 2, expectedSeconds: 4.5 },
      step(Uint8Array.of(255, 216, 0, 1)),
      { job, state: 'restarting' },
      { job, state: 'finished', status: 'done' },
    ];
    for (const progress of sent) worker.publish(progress);
    await vi.waitFor(() => expect(heard).toEqual(sent));
    end();
    worker.publish(step());
    await vi.waitFor(() => expect(alsoHeard).toHaveLength(5));
    expect(heard).toHaveLength(4);
  });
}

describe('progress within one process', () => {
  progressConformance(async () => {
    const bus = localProgress();
    return { worker: bus, bot: bus };
  });
});

describe('progress by Redis', () => {
  if (redis === undefined) it.skip('left out: TEST_REDIS_URL names no server', () => {});
  else {
    progressConformance(async () => {
      const fail = (error: Error): void => console.error(error);
      const [worker, bot] = [await redisProgress(redis, fail), await redisProgress(redis, fail)];
      onTestFinished(async () => {
        await worker.close();
        await bot.close();
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { worker, bot };
    });
  }
});

describe('progress by Postgres', () => {
  if (postgres === undefined) it.skip('left out: TEST_DATABASE_URL names no server', () => {});
  else {
    const open = async () => {
      const { url, remove } = await newDatabase(postgres);
      const opened = await openStore({ databaseUrl: url, folder: null });
      if (opened.database.kind !== 'postgres') throw new Error('This is no server.');
      const { pool } = opened.database;
      const [worker, bot] = [await postgresProgress(pool, () => {}), await postgresProgress(pool, () => {})];
      onTestFinished(async () => {
        await worker.close();
        await bot.close();
        await opened.store.close();
        await remove();
      });
      return { worker, bot, pool };
    };
    progressConformance(open);

    it('goes on after the server has closed its connections', async () => {
      const { worker, bot, pool } = await open();
      const heard: JobProgress[] = [];
      bot.subscribe((progress) => heard.push(progress));
      worker.publish(step());
      await vi.waitFor(() => expect(heard).toHaveLength(1));
      await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await vi.waitFor(
        () => {
          worker.publish({ job, state: 'restarting' });
          expect(heard.at(-1)?.state).toBe('restarting');
        },
        { timeout: 30_000, interval: 200 },
      );
    });

    it('leaves a preview behind that is too long for a notification', async () => {
      const { worker, bot } = await open();
      const heard: JobProgress[] = [];
      bot.subscribe((progress) => heard.push(progress));
      worker.publish(step(new Uint8Array(20_000)));
      await vi.waitFor(() => expect(heard).toEqual([step()]));
    });
  }
});

describe('progress on the wire', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (preview) => {
        expect(decodeProgress(encodeProgress(step(preview)))).toEqual(step(preview));
      }),
    );
  });

  it('of a newer worker is some work or other, whatever it calls it', () => {
    const newer = JSON.stringify({ ...step(), stage: 'sharpening' });
    expect(decodeProgress(newer)).toEqual({ ...step(), stage: 'working' });
  });

  it('takes nothing else for progress', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeProgress(text)).toBeNull();
      }),
    );
  });
});
