import type { JobId } from '../../commands/ids.ts';
import type { Job } from '../../commands/job.ts';

/**
 * What the whole service does with requests: `open` takes and draws them, `paused` takes but does not begin them,
 * `draining` draws what waits and takes no more.
 */
export const OPERATION_MODES = ['open', 'paused', 'draining'] as const;
export type OperationMode = (typeof OPERATION_MODES)[number];

/** A worker that was heard of lately. */
export interface WorkerState {
  readonly id: string;
  readonly models: readonly string[];
  readonly silentSeconds: number;
  /** Taken for gone: it was silent for too long. */
  readonly gone: boolean;
  /** Jobs that it draws now, and at most. */
  readonly running: number;
  readonly slots: number;
}

export interface DayOfUsage {
  /** UTC, YYYY-MM-DD. */
  readonly day: string;
  readonly pictures: number;
  readonly seconds: number;
}

/** A job that made no picture, or whose message nobody could be given. */
export interface Failure {
  readonly job: Job;
  readonly what: 'drawing' | 'delivery';
  readonly cause: string;
  /** The new job that an operator's retry made of it; null: there was none. */
  readonly retry: Job | null;
}

/** The service as an operator sees it, over all guilds. */
export interface OperationsSnapshot {
  readonly mode: OperationMode;
  readonly waiting: number;
  readonly running: number;
  /** Of the job that waits longest. */
  readonly oldestWaitSeconds: number | null;
  readonly deliveriesOwed: number;
  readonly workers: readonly WorkerState[];
  /** The last days, the oldest first; days without use are left out. */
  readonly usage: readonly DayOfUsage[];
  /** What is drawn, then what waits in the order of its turns: the first of it. */
  readonly line: readonly { readonly job: Job; readonly expectedSeconds: number }[];
  /** The newest first. */
  readonly failures: readonly Failure[];
}

/** A failed job and the new one that draws it; the same job where only its message is owed again. */
export interface Retry {
  readonly failed: Job;
  readonly again: Job;
}

/** An operator's view and hand, kept in the store so that every process obeys. */
export interface Operations {
  snapshot(): Promise<OperationsSnapshot>;
  mode(): Promise<OperationMode>;
  setMode(mode: OperationMode): Promise<void>;
  /**
   * Draws a failed job anew, or owes a refused message again. Null where there is nothing to retry, or it was retried
   * before. Rejects with a `UserError` where a quota forbids it.
   */
  retry(job: JobId): Promise<Retry | null>;
}
