import type { Job } from '../../commands/job.ts';

/**
 * Wakes workers. A message says only "run the next": which job that is, the store decides when a worker is free. So a
 * message that is lost costs time until the next sweep, and one too many finds nothing to do.
 */
export interface RunQueue {
  /**
   * Says that one more job waits; said twice before a worker has begun it, it counts once. A job that is back in line
   * counts anew: the queue may not know yet that the worker which took its last announcement is dead. Rejects with a
   * `QueueBusyError`.
   */
  announce(job: Pick<Job, 'id' | 'attempts'>): Promise<void>;
  /** Calls `runNext` for every announcement, at most `concurrency` at a time. */
  work(runNext: () => Promise<void>, concurrency: number): Promise<Consumer>;
  /** Announcements that no worker has taken. Rejects soon where the queue's server is away. */
  countWaiting(): Promise<number>;
  /** Rejects soon where the queue's server is away or takes no writes: then no worker can be woken. */
  requireWritable(): Promise<void>;
  close(): Promise<void>;
}

export interface Consumer {
  /** Takes no more; resolves when what runs has ended. */
  stop(): Promise<void>;
}

/** The queue's server does not answer. The job is safe in the store; the sweep announces it later. */
export class QueueBusyError extends Error {
  constructor(options?: ErrorOptions) {
    super('The queue does not answer.', options);
    this.name = 'QueueBusyError';
  }
}
