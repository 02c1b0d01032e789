import type { BlobKey, JobId } from '../../commands/ids.ts';
import type { Logger, RetentionPolicy } from '../../config/index.ts';
import type { Blobs } from '../blobs/blobs.ts';
import { type Repeated, repeat } from '../repeat.ts';
import type { RetentionStore } from './retention-store.ts';

const DAY_MS = 86_400_000;
const ROUND_MS = 10_000;
/** Rows or blobs at a time: a transaction over so many is done before anybody waits for it. */
const BATCH = 200;
/**
 * Bytes that were stored less long ago may be about to be referred to: a worker stores a picture before it records it. Bytes
 * that are stored again are as new.
 */
const GRACE_MS = DAY_MS;
/** The same for what a person deleted, which is to go soon: jobs that run longer are looked at one by one. */
const DELETED_GRACE_MS = 15 * 60_000;

export interface RetentionParts {
  readonly store: { readonly retention: RetentionStore };
  readonly blobs: Blobs;
  readonly policy: RetentionPolicy;
  readonly log: Logger;
  readonly now?: () => number;
}

/** How far the rounds have come: each goes on where the one before stopped. */
export interface RetentionRound {
  run(): Promise<void>;
}

/**
 * Lets go what the operator's policy does not keep, and blobs that nothing refers to: their process died before it had
 * recorded them. A round is one bounded batch of each kind.
 */
export function retentionRound({ store, blobs, policy, log, now = Date.now }: RetentionParts): RetentionRound {
  const { retention } = store;
  const cutoff = (days: number | null): Date | null => (days === null ? null : new Date(now() - days * DAY_MS));
  let lastJob: JobId | null = null;
  let lastBlob: BlobKey | null = null;

  const removeUnreferred = async (keys: readonly BlobKey[]): Promise<void> => {
    const removed: BlobKey[] = [];
    for (const key of await retention.unreferred(keys)) {
      if (await blobs.removeOlder(key, new Date(now() - GRACE_MS))) removed.push(key);
    }
    if (removed.length > 0) log.info({ blobs: removed.length }, 'blobs that nothing refers to are removed');
  };
  const passJobs = async (): Promise<void> => {
    const { pictureDays, handoffDays, jobDays } = policy;
    const own = { pictures: cutoff(pictureDays), handoffs: cutoff(handoffDays), jobs: cutoff(jobDays) };
    const cutoffs = { ...own, now: new Date(now()) };
    const { last, blobs: released } = await retention.passJobs(cutoffs, lastJob, BATCH);
    lastJob = last;
    await removeUnreferred(released);
  };
  const passReleased = async (): Promise<void> => {
    const before = new Date(now() - DELETED_GRACE_MS);
    const gone: BlobKey[] = [];
    for (const key of await retention.releasedBlobs(before, BATCH)) {
      if (await blobs.removeOlder(key, before)) gone.push(key);
    }
    await retention.settleReleased(gone);
    if (gone.length > 0) log.info({ blobs: gone.length }, 'deleted blobs are removed');
  };
  const passBlobs = async (): Promise<void> => {
    const stored = await blobs.list(lastBlob, BATCH);
    lastBlob = stored.at(-1)?.key ?? null;
    const isOld = ({ storedAt }: { storedAt: Date }): boolean => storedAt.getTime() < now() - GRACE_MS;
    await removeUnreferred(stored.filter(isOld).map(({ key }) => key));
  };
  const drop = async (days: number | null, rows: (before: Date, limit: number) => Promise<number>): Promise<void> => {
    const before = cutoff(days);
    if (before !== null) await rows(before, BATCH);
  };

  return {
    async run() {
      await passReleased();
      await passJobs();
      await passBlobs();
      await drop(policy.turnDays, retention.dropTurns);
      await drop(policy.auditDays, retention.dropAudit);
      await drop(policy.usageDays, retention.dropUsage);
    },
  };
}

/** Runs a round every ten seconds, one at a time, until it is stopped. */
export function startRetention(parts: RetentionParts): Repeated {
  const round = retentionRound(parts);
  return repeat(ROUND_MS, round.run, (error) =>
    parts.log.warn({ error }, 'a round of letting go could not be finished'),
  );
}
