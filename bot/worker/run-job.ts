import { SpanKind } from '@opentelemetry/api';
import { EngineError, type EngineProgress } from '../../commands/engine.ts';
import { jobFailure } from '../../commands/failure.ts';
import { type Job, type JobFailure, MAX_ATTEMPTS, pictureCount } from '../../commands/job.ts';
import type { Logger } from '../../config/index.ts';
import { whyAway } from '../away.ts';
import { MissingBlobError } from '../blobs/blobs.ts';
import { isDiskFull } from '../disk-full.ts';
import { MissingFileError } from '../extras/missing-file-error.ts';
import { insist } from '../insist.ts';
import type { ProgressBus } from '../progress/progress-bus.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import type { Lease, Store } from '../store/store.ts';
import { inRequest } from '../tracing/request-scope.ts';
import { inSpan, pastSpan } from '../tracing/spans.ts';
import { RefusedPictureError } from './content.ts';
import { type MadePictures, type MakingParts, makePictures } from './make-pictures.ts';
import { patientParts } from './patient-parts.ts';
import type { Quarantine } from './quarantine.ts';

export interface RunParts extends MakingParts {
  readonly store: Store;
  readonly queue: RunQueue;
  readonly progress: ProgressBus;
  readonly lease: Lease;
  /** Tells the store which files are here now. */
  readonly offerFiles: () => Promise<void>;
  readonly quarantine: Quarantine;
  readonly log: Logger;
}

/** How often a worker says that it is alive, and hears of a wish to cancel. */
const RENEW_MS = 1_000;

/** The second attempt is alone in a new engine, picture by picture: what does not fit then is too large. */
const MAX_ATTEMPTS_WITHOUT_MEMORY = 2;

const MAX_CAUSE_LENGTH = 300;

class LeaseLostError extends Error {}

/**
 * Does one job that this worker has taken, to its end in the store: done, failed, cancelled, or back in line. `handBack`
 * aborts when the worker has to go.
 */
export function runJob(job: Job, parts: RunParts, handBack: AbortSignal): Promise<void> {
  const { id, origin, trace: parent, work, attempts, createdAt: start, startedAt } = job;
  const attributes = { 'easel.job': id, 'easel.kind': work.kind, 'easel.attempt': attempts };
  if (startedAt !== null) pastSpan('wait', { start, end: startedAt }, { attributes, parent });
  return inRequest(origin, () =>
    inSpan('job', { attributes, parent, kind: SpanKind.CONSUMER }, () => takeToItsEnd(job, parts, handBack)),
  );
}

async function takeToItsEnd(job: Job, parts: RunParts, handBack: AbortSignal): Promise<void> {
  const { store, progress, lease } = parts;
  const log = parts.log.child({ job: job.id, attempt: job.attempts });
  log.info({ worker: lease.worker }, 'job begun');
  const stop = new AbortController();
  const steps = new StepCount(job);
  const renewal = setInterval(() => {
    store.jobs
      .renew(job.id, lease, steps.done)
      .then(({ held, cancelled }) => {
        if (!held) stop.abort(new LeaseLostError());
        else if (cancelled) stop.abort(new EngineError('cancelled', 'Cancelled.'));
      })
      .catch((error: unknown) => log.warn({ error }, 'the lease could not be renewed'));
  }, RENEW_MS);
  try {
    const made = await make(job, parts, AbortSignal.any([stop.signal, handBack]), steps, log);
    const { pictures, computeSeconds, spoiler } = made;
    if (await insist(() => store.jobs.finish(job.id, lease.worker, pictures, computeSeconds, spoiler), log)) {
      log.info({ computeSeconds, pictures: pictures.length }, 'job done');
      progress.publish({ job: job.id, state: 'finished', status: 'done' });
    }
  } catch (error) {
    await settleFailure(job, stop.signal.aborted ? stop.signal.reason : error, parts, handBack.aborted, log);
  } finally {
    clearInterval(renewal);
  }
}

function make(job: Job, parts: RunParts, signal: AbortSignal, steps: StepCount, log: Logger): Promise<MadePictures> {
  const count = pictureCount(job.work);
  const hasFailedBefore = job.attempts > 1;
  return parts.quarantine.run(hasFailedBefore, () =>
    makePictures(job, { ...patientParts(parts, log), oneByOne: hasFailedBefore }, signal, (index, now) => {
      steps.count(index, now);
      parts.progress.publish({ job: job.id, state: 'running', ...now, index, count });
    }),
  );
}

/** How much of a job's steps is done, over all its pictures. */
class StepCount {
  private readonly shares: number[];

  constructor({ work }: Job) {
    this.shares = Array.from({ length: pictureCount(work) }, () => 0);
  }

  count(index: number, { step, steps }: EngineProgress): void {
    if (steps > 0) this.shares[index] = step / steps;
  }

  get done(): number {
    return this.shares.reduce((sum, share) => sum + share, 0) / this.shares.length;
  }
}

async function settleFailure(
  job: Job,
  error: unknown,
  parts: RunParts,
  isHandedBack: boolean,
  log: Logger,
): Promise<void> {
  if (error instanceof LeaseLostError) return log.warn('another worker has taken the job over');
  const { store, queue, progress, lease } = parts;
  const isCancelled = error instanceof EngineError && error.code === 'cancelled' && !isHandedBack;
  if (isHandedBack || job.attempts < attemptsFor(error)) {
    log.warn({ error, isHandedBack }, 'the job goes back in line');
    // Else it would be this worker's again.
    if (error instanceof MissingFileError) await insist(parts.offerFiles, log);
    progress.publish({ job: job.id, state: 'restarting' });
    await insist(() => store.jobs.release(job.id, lease.worker), log);
    // The sweep announces it later where the queue is away.
    await queue.announce(job).catch((cause: unknown) => log.warn({ error: cause }, 'could not be announced'));
    return;
  }
  const failure = isCancelled ? { code: 'cancelled', message: 'Cancelled.' } : withCause(failureOf(error), error);
  const status = isCancelled ? 'cancelled' : 'failed';
  if (isCancelled) log.info('job cancelled');
  else log.error({ error, code: failure.code }, 'job failed');
  if (await insist(() => store.jobs.fail(job.id, lease.worker, status, failure), log)) {
    log.info({ reservedSeconds: job.reservedSeconds }, 'refunded');
    progress.publish({ job: job.id, state: 'finished', status });
  }
}

/**
 * How often a job is tried that ends like this: faults of the engine's process are worth another try in a new one, a
 * server that was away will be back, and another worker may have a file that is gone here.
 */
function attemptsFor(error: unknown): number {
  if (!(error instanceof EngineError)) return whyAway(error) === null ? 1 : MAX_ATTEMPTS;
  if (error instanceof MissingFileError) return MAX_ATTEMPTS;
  if (error.code === 'out_of_memory') return MAX_ATTEMPTS_WITHOUT_MEMORY;
  return error.code === 'crashed' || error.code === 'deadline' ? MAX_ATTEMPTS : 1;
}

/** What is told of it; what it was in full is in the log. */
function failureOf(error: unknown): JobFailure {
  if (error instanceof EngineError) {
    const { code, message, subject } = error;
    if (code === 'not_finite') return jobFailure(code, subject);
    return code === 'crashed' || code === 'out_of_memory' ? jobFailure(code) : { code, message };
  }
  if (error instanceof RefusedPictureError) return jobFailure('content', error.label);
  if (error instanceof MissingBlobError) return jobFailure('missing');
  return jobFailure(isDiskFull(error) ? 'storage' : 'internal');
}

/** An error's further lines may repeat what people wrote: they are for the log. */
function withCause(failure: JobFailure, error: unknown): JobFailure {
  const [cause = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return cause === '' || cause === failure.message ? failure : { ...failure, cause: cause.slice(0, MAX_CAUSE_LENGTH) };
}
