import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, JobsOptions, WorkerOptions } from 'bullmq';
import { within } from '../within.ts';
import { type Consumer, QueueBusyError, type RunQueue } from './run-queue.ts';

/** On a Redis cluster the braces keep all of the queue's keys on one node. */
export const QUEUE_PREFIX = '{easel}';
export const QUEUE_NAME = 'run-next';

/** A person hears within three seconds that it takes longer; BullMQ itself would wait for its server for ever. */
const ANSWER_TIMEOUT_MS = 1_500;
/** For so long after that nobody else waits for it: in a rush every command would stand behind the others' waiting. */
const AWAY_MS = 3_000;
/** After a refusal nothing is asked for so long. */
const REFUSED_PAUSE_MS = 1_000;
/** How long closing may wait for a server that does not answer. */
const CLOSE_TIMEOUT_MS = 5_000;

/** An announcement is gone when it has been answered, well or badly: the store knows what became of the job. */
const JOB_OPTIONS: JobsOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

/** The part of BullMQ's classes that is the same on every backend. */
interface BullQueue {
  add(name: string, data: Record<string, never>, options: JobsOptions): Promise<unknown>;
  getWaitingCount(): Promise<number>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

interface BullWorker {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface BullBackend {
  readonly queue: BullQueue;
  createWorker(processor: (job: Job) => Promise<void>, options: Omit<WorkerOptions, 'connection'>): BullWorker;
  /** Rejects where nothing can be written: a replica, a read-only database, a server without memory. */
  requireWritable(): Promise<void>;
  /** What the backend opened besides. */
  close(): Promise<void>;
}

/**
 * Asks for the next announcement, and where that is refused (a server without memory or disk) makes BullMQ wait before it
 * asks again: it would do so thousands of times a second.
 */
export async function askPatiently<Next>(ask: () => Promise<Next>): Promise<Next> {
  try {
    return await ask();
  } catch (error) {
    await sleep(REFUSED_PAUSE_MS);
    throw error;
  }
}

/** The run queue on any backend of BullMQ. `onError` hears of a server that went away; BullMQ itself reconnects. */
export function bullRunQueue(backend: BullBackend, onError: (error: Error) => void): RunQueue {
  const { queue } = backend;
  let awayUntil = 0;
  queue.on('error', onError);
  return {
    async announce({ id, attempts }) {
      if (performance.now() < awayUntil) throw new QueueBusyError();
      const added = queue.add('next', {}, { ...JOB_OPTIONS, jobId: `${id}.${attempts}` });
      // Where the timeout wins, the late outcome only says that the server is back.
      added.then(
        () => {
          awayUntil = 0;
        },
        () => {},
      );
      await within(ANSWER_TIMEOUT_MS, added).catch((cause) => {
        awayUntil = performance.now() + AWAY_MS;
        throw new QueueBusyError({ cause });
      });
    },
    async work(runNext, concurrency): Promise<Consumer> {
      // A stalled announcement is handed out again: it only makes a worker ask the store once more.
      const worker = backend.createWorker(() => runNext(), { concurrency, maxStalledCount: 3 });
      worker.on('error', onError);
      await worker.waitUntilReady();
      // By force would be no quicker: BullMQ then waits for the closing that is under way.
      return { stop: () => within(CLOSE_TIMEOUT_MS, worker.close()).catch(onError) };
    },
    requireWritable: () => within(ANSWER_TIMEOUT_MS, backend.requireWritable()),
    countWaiting: () => within(ANSWER_TIMEOUT_MS, queue.getWaitingCount()),
    async close() {
      await within(CLOSE_TIMEOUT_MS, queue.close()).catch(onError);
      await within(CLOSE_TIMEOUT_MS, backend.close()).catch(onError);
    },
  };
}
