import type { Job } from '../../commands/job.ts';
import type { Logger } from '../../config/index.ts';
import type { ProgressBus } from '../progress/progress-bus.ts';
import { type Repeated, repeat } from '../repeat.ts';
import type { Store, Unserved } from '../store/store.ts';
import { inRequest } from '../tracing/request-scope.ts';
import { Impatience } from './impatience.ts';
import type { RunQueue } from './run-queue.ts';

const SWEEP_MS = 3_000;
/** Announced again at a time: each wakes a worker, which then goes on until nobody's turn is left. */
const MAX_ANNOUNCED = 20;

/**
 * Makes the queue agree with the store: jobs of workers that have vanished go back in line, jobs that need what is gone
 * end, and jobs that wait without an announcement (the queue was away, or has lost its memory) are announced again.
 */
export function startSweep(parts: {
  readonly store: Store;
  readonly queue: RunQueue;
  readonly progress: ProgressBus;
  readonly log: Logger;
}): Repeated {
  const { store, queue, progress, log } = parts;
  const impatience = new Impatience<Unserved>();
  const tell = ({ id: job, status, reservedSeconds }: Job): void => {
    if (status === 'failed' || status === 'cancelled') {
      log.info({ job, reservedSeconds }, 'refunded');
      progress.publish({ job, state: 'finished', status });
    } else {
      progress.publish({ job, state: 'restarting' });
    }
  };
  const sweep = async (): Promise<void> => {
    for (const job of await store.jobs.reclaimExpired()) {
      inRequest(job.origin, () => {
        log.warn({ job: job.id, status: job.status, attempt: job.attempts }, 'its worker has vanished');
        tell(job);
      });
    }
    for (const unserved of impatience.overdue(await store.jobs.unserved(), performance.now())) {
      for (const job of await store.jobs.failUnserved(unserved)) {
        inRequest(job.origin, () => {
          log.warn({ job: job.id, ...unserved }, 'no worker has what it needs any more');
          tell(job);
        });
      }
    }
    const missing = (await store.jobs.countWaiting()) - (await queue.countWaiting());
    if (missing <= 0) return;
    const waiting = await store.jobs.waiting({ limit: MAX_ANNOUNCED });
    for (const { job } of waiting) if (job.status === 'queued') await queue.announce(job);
  };
  const repeated = repeat(SWEEP_MS, sweep, (error) => log.warn({ error }, 'the sweep could not be finished'));
  repeated.now();
  return repeated;
}
