import type { BlobKey, JobId } from '../../commands/ids.ts';

/** Of before these moments; null: nothing of the kind goes. A guild's own limit lets all of its kinds go, where it is shorter. */
export interface Cutoffs {
  readonly pictures: Date | null;
  readonly handoffs: Date | null;
  readonly jobs: Date | null;
  /** What guilds' own limits, in days, count back from. */
  readonly now: Date;
}

/** What a store lets go, a bounded batch at a time. Several processes may do it at once. */
export interface RetentionStore {
  /**
   * Goes over the jobs that come after `after`, the oldest first, at most `limit`. Of those that have ended and owe no
   * message, pictures and start pictures lose their bytes, hand-offs go, and so does a job that has no picture left. Says
   * where it stopped (null: at the end), and which blobs no row refers to any more.
   */
  passJobs(
    cutoffs: Cutoffs,
    after: JobId | null,
    limit: number,
  ): Promise<{ readonly last: JobId | null; readonly blobs: readonly BlobKey[] }>;
  /** Turns of the page's conversations; like the following, returns how many have gone. */
  dropTurns(before: Date, limit: number): Promise<number>;
  dropAudit(before: Date, limit: number): Promise<number>;
  /** Ledger entries, and the hourly sums of the same age. */
  dropUsage(before: Date, limit: number): Promise<number>;
  /**
   * Blobs that their persons deleted before this moment, the oldest first, at most `limit`: none that a row refers to again,
   * that an unfinished job begins with, or that a job which has been running since then may have made once more.
   */
  releasedBlobs(before: Date, limit: number): Promise<readonly BlobKey[]>;
  /** The bytes of these are gone. */
  settleReleased(blobs: readonly BlobKey[]): Promise<void>;
  /** Those of these blobs that no row refers to. */
  unreferred(blobs: readonly BlobKey[]): Promise<readonly BlobKey[]>;
}
