import { Queue, Worker } from 'bullmq';
import { askPatiently, bullRunQueue, QUEUE_NAME, QUEUE_PREFIX } from './bull-queue.ts';
import { redisConnection } from './redis-connection.ts';
import type { RunQueue } from './run-queue.ts';

/** Outlives no probe: only whether it could be written counts. */
const PROBE_KEY = `${QUEUE_PREFIX}:ready`;
const PROBE_SECONDS = 10;

class PatientWorker extends Worker {
  protected override moveToActive(token: string, name?: string): ReturnType<Worker['moveToActive']> {
    return askPatiently(() => super.moveToActive(token, name));
  }
}

/** The run queue on Redis, for a bot and workers in several processes. */
export function redisRunQueue(url: string, onError: (error: Error) => void): RunQueue {
  // Blocking commands must wait through an outage rather than fail after a number of tries: BullMQ asks for null.
  const connection = redisConnection(url, { maxRetriesPerRequest: null });
  connection.on('error', onError);
  const base = { connection, prefix: QUEUE_PREFIX };
  return bullRunQueue(
    {
      queue: new Queue(QUEUE_NAME, base),
      createWorker: (processor, options) => new PatientWorker(QUEUE_NAME, processor, { ...options, ...base }),
      requireWritable: async () => {
        await connection.set(PROBE_KEY, '1', 'EX', PROBE_SECONDS);
      },
      close: async () => connection.disconnect(),
    },
    onError,
  );
}
