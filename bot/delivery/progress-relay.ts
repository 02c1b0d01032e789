import type { JobId } from '../../commands/ids.ts';
import type { JobProgress } from '../../commands/job.ts';
import type { Logger } from '../../config/index.ts';
import type { Platform } from '../platform.ts';
import { type ProgressBus, withoutPreview } from '../progress/progress-bus.ts';
import { BETWEEN_ERRORS_MS, rarely } from '../rarely.ts';
import { type Repeated, repeat } from '../repeat.ts';
import type { Store } from '../store/store.ts';
import { inRequest, outsideRequests } from '../tracing/request-scope.ts';
import { Showings } from './showings.ts';

/** Places in line are looked up this often, and only while somebody waits. */
const PLACES_MS = 1_500;
/** Further back than this, a place tells nobody anything that changes soon. */
const MAX_PLACES = 200;

/** A job whose progress is being shown, and what is to be shown after that. */
interface Line {
  next: JobProgress | null;
}

export interface RelayParts {
  readonly store: Store;
  readonly progress: ProgressBus;
  readonly platforms: readonly Platform[];
  /** The name of this process, which no other has. */
  readonly process: string;
  readonly log: Logger;
}

/** Shows what becomes of jobs in their placeholders: places in line from the store, steps and previews from the workers. */
export function startProgressRelay({ store, progress, platforms, process, log }: RelayParts): Pick<Repeated, 'stop'> {
  const showings = new Showings(store.deliveries, process);
  const byId = new Map(platforms.map((platform) => [platform.id, platform]));
  const lines = new Map<JobId, Line>();
  const shownPlaces = new Map<JobId, number>();

  const isOurs = async (job: JobId): Promise<boolean> => (await showings.claim([job])).has(job);
  const show = async (now: JobProgress): Promise<void> => {
    const job = await store.jobs.find(now.job);
    if (job === null) return;
    const platform = byId.get(job.origin.platform);
    if (platform === undefined) return;
    const isEnd = now.state === 'finished';
    const isLocal = platform.showsProgressLocally === true;
    if (!isEnd && !isLocal && !(await isOurs(job.id))) return;
    // A picture that will be hidden until clicked is not shown while it is made either.
    const shown = job.spoiler ? withoutPreview(now) : now;
    const replyTo = await store.jobs.replyTo(now.job);
    await inRequest(job.origin, async () =>
      platform
        .progress(replyTo, shown, isLocal ? undefined : () => isOurs(job.id))
        .catch((error: unknown) => log.warn({ error, job: job.id }, 'progress could not be shown')),
    );
    if (isEnd) await showings.release(job.id);
  };
  // Nobody's request: while the store is away, each step of every job meets the same error.
  const tellOfStore = outsideRequests(
    rarely(BETWEEN_ERRORS_MS, (error, untold) => log.warn({ error, untold }, 'jobs to be shown could not be read')),
  );
  /** One at a time a job: what comes meanwhile replaces what has not been shown yet. */
  const relay = (now: JobProgress): void => {
    const line = lines.get(now.job);
    if (line !== undefined) {
      line.next = now;
      return;
    }
    lines.set(now.job, { next: null });
    show(now)
      .catch(tellOfStore)
      .finally(() => {
        const next = lines.get(now.job)?.next ?? null;
        lines.delete(now.job);
        if (next !== null) relay(next);
      });
  };
  const showPlaces = async (): Promise<void> => {
    const waiting = (await store.jobs.waiting({ limit: MAX_PLACES })).filter(({ job }) => job.status === 'queued');
    const moved = waiting.filter(({ job, place }) => shownPlaces.get(job.id) !== place);
    // Asked for all at once, and not for each.
    await showings.claim(moved.map(({ job }) => job.id));
    for (const { job, place, expectedSeconds } of moved) {
      relay({ job: job.id, state: 'queued', place, expectedSeconds });
    }
    shownPlaces.clear();
    for (const { job, place } of waiting) shownPlaces.set(job.id, place);
  };

  const unsubscribe = progress.subscribe(relay);
  const places = repeat(PLACES_MS, showPlaces, (error) => log.warn({ error }, 'places in line could not be read'));
  return {
    async stop() {
      unsubscribe();
      await places.stop();
      await showings.releaseAll();
    },
  };
}
