import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import type { Job } from '../../../commands/job.ts';
import { draw, request } from '../../../test/bot/store/requests.ts';
import { newDatabase } from '../../../test/bot/store/stores.ts';
import { FROM_SOURCE } from '../../from-source-options.ts';

/** What a picture takes. */
const MILLISECONDS = 1_000;
/** So many that it counts for little that all begin at once, in processes that have just been started. */
const JOBS_PER_WORKER = 20;

export interface ScalingResult {
  readonly workers: number;
  /** Pictures a second, from the first one's beginning to the last one's end. */
  readonly perSecond: number;
}

/**
 * How many pictures a second so many worker processes draw, on a database of its own and the real queue (Redis', or without
 * one the database's), when each picture takes exactly a second and nothing but waiting: what is missing is what the house
 * costs. Each worker takes one job at a time, where nothing hides what passes between two of them.
 */
export async function measureScaling(
  server: string,
  redisUrl: string | undefined,
  workers: number,
): Promise<ScalingResult> {
  const { url, remove } = await newDatabase(server);
  const folder = await mkdtemp(join(tmpdir(), 'easel-scaling-'));
  const { store, database } = await openStore({ databaseUrl: url, folder: null });
  const queue = await openRunQueue(redisUrl, database, () => {});
  const environment = {
    ...{ DATABASE_URL: url, DATA_DIR: folder, LOG_LEVEL: 'warn' },
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  };
  const children = Array.from({ length: workers }, () => startWorkerProcess(environment, folder));
  try {
    await Promise.all(children.map(ready));
    const total = workers * JOBS_PER_WORKER;
    const accepted: Job[] = [];
    for (let index = 0; index < total; index++) {
      const work = draw(1, { prompt: String(MILLISECONDS), steps: 4, width: 64, height: 64, seed: index });
      accepted.push((await store.jobs.accept(request({ work }))).job);
    }
    // All at once: no worker begins before the others have something to do.
    await Promise.all(accepted.map((job) => queue.announce(job)));
    for (;;) {
      const { waiting, running } = await store.operations.snapshot();
      if (waiting + running === 0) break;
      await sleep(500);
    }
    const owed = await store.deliveries.claimDue(['discord'], total, 60);
    const begun = Math.min(...owed.map(({ job }) => job.startedAt?.getTime() ?? Number.NaN));
    const ended = Math.max(...owed.map(({ job }) => job.finishedAt?.getTime() ?? Number.NaN));
    return { workers, perSecond: owed.length / ((ended - begun) / 1000) };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await queue.close();
    await store.close();
    await remove();
    await rm(folder, { recursive: true, force: true });
  }
}

function startWorkerProcess(environment: Record<string, string>, folder: string): ChildProcess {
  return fork(join(import.meta.dirname, 'worker.ts'), {
    cwd: folder,
    env: { PATH: process.env.PATH, ...environment },
    execArgv: [...FROM_SOURCE],
  });
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`A worker ended with code ${code} before it was ready.`)));
  });
}
