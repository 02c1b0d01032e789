import type { JobProgress } from '../../commands/job.ts';
import type { Logger } from '../../config/index.ts';
import type { ProgressBus } from '../progress/progress-bus.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from './metrics.ts';

/**
 * The same bus, counting what this process publishes. Every event is published by one process, so counting there, and not
 * where it is heard, counts it once.
 */
export function observeProgress(
  bus: ProgressBus,
  metrics: Metrics,
  store: Pick<Store, 'jobs'>,
  log: Logger,
): ProgressBus {
  /** Each running picture's step, and since when. */
  const steps = new Map<string, { readonly step: number; readonly at: number }>();

  const observeStep = (progress: Extract<JobProgress, { state: 'running' }>): void => {
    const key = `${progress.job} ${progress.index}`;
    const last = steps.get(key);
    if (last !== undefined && progress.step <= last.step) return;
    const now = performance.now();
    steps.set(key, { step: progress.step, at: now });
    metrics.stepped(last === undefined ? null : (now - last.at) / 1000 / (progress.step - last.step), steps.size);
  };
  const forget = (job: string): void => {
    for (const key of steps.keys()) if (key.startsWith(job)) steps.delete(key);
  };

  return {
    ...bus,
    publish(progress) {
      bus.publish(progress);
      if (progress.state === 'running') return observeStep(progress);
      if (progress.state === 'queued') return;
      forget(progress.job);
      if (progress.state === 'restarting') return metrics.restarted();
      store.jobs
        .find(progress.job)
        .then((job) => job !== null && metrics.ended(job))
        .catch((error: unknown) => log.warn({ error }, 'a job that ended could not be counted'));
    },
  };
}
