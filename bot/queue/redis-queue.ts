import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { askPatiently, bullRunQueue, QUEUE_NAME, QUEUE_PREFIX } from './bull-queue.ts';
import type { RunQueue } from './run-queue.ts';

/** A route that is lost says nothing: after so long the system asks whether the other end is still there. */
const KEEP_ALIVE_MS = 10_000;

class PatientWorker extends Worker {
  protected override moveToActive(token: string, name?: string): ReturnType<Worker['moveToActive']> {
    return askPatiently(() => super.moveToActive(token, name));
  }
}

/** The run queue on Redis, for a bot and workers in several processes. */
export function redisRunQueue(url: string, onError: (error: Error) => void): RunQueue {
  // Blocking commands must wait through an outage rather than fail after a number of tries: BullMQ asks for null.
  const connection = new Redis(url, { maxRetriesPerRequest: null, keepAlive: KEEP_ALIVE_MS });
  connection.on('error', onError);
  const base = { connection, prefix: QUEUE_PREFIX };
  return bullRunQueue(
    {
      queue: new Queue(QUEUE_NAME, base),
      createWorker: (processor, options) => new PatientWorker(QUEUE_NAME, processor, { ...options, ...base }),
      close: async () => connection.disconnect(),
    },
    onError,
  );
}
