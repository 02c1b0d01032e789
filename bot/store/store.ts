import type { Arithmetic, EngineResult, ModelDescription } from '../../commands/engine.ts';
import type { BlobKey, ChannelId, JobId, MessageId, PictureId, PlatformId, UserId } from '../../commands/ids.ts';
import type { Job, JobFailure, Picture } from '../../commands/job.ts';
import type { HeldKind, Need } from '../../commands/needs.ts';
import type { PictureNote } from '../../commands/picture-note.ts';
import type { Origin } from '../../commands/request.ts';
import type {
  Accepted,
  AcceptInput,
  CancelOutcome,
  Extra,
  JobService,
  PeopleService,
  PictureService,
  PreferenceService,
  SettingsService,
  UsageService,
} from '../../commands/services.ts';
import type { Operations } from '../operations/operations.ts';
import type { RetentionStore } from '../retention/retention-store.ts';
import type { MemberStore } from '../web/member-store.ts';
import type { TurnStore } from '../web/turn-store.ts';
import type { QueueDepth } from './queue-depth.ts';

/** Everything that must outlive the process, on embedded PGlite or Postgres alike: the same schema, the same queries. */
export interface Store {
  readonly jobs: JobStore;
  readonly pictures: PictureStore;
  readonly deliveries: DeliveryStore;
  readonly settings: SettingsService;
  readonly preferences: PreferenceService;
  readonly usage: UsageService;
  readonly people: PeopleStore;
  readonly models: ModelStore;
  readonly extras: ExtraStore;
  readonly turns: TurnStore;
  readonly members: MemberStore;
  readonly operations: Operations;
  readonly retention: RetentionStore;
  /** Rejects with a `DatabaseError` where a newer Easel has changed the database since it was opened. */
  requireCurrent(): Promise<void>;
  /** Resolves when the database answers and takes writes. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Who works on a job, and until when without a sign of life. */
export interface Lease {
  readonly worker: string;
  readonly seconds: number;
}

/** Somebody in a guild. */
export type Member = Pick<Origin, 'guild' | 'user'>;

/** What a worker can draw with, by name. */
export interface WorkerModels {
  /** It takes no jobs of others. */
  readonly offered: readonly string[];
  /** Those of them that are in its memory. */
  readonly loaded: readonly string[];
}

/** A job's model (null: none) and needs, as `needKey` makes them. */
export interface Unserved {
  readonly model: string | null;
  readonly needs: readonly string[];
  /** Those that no worker has. */
  readonly lacking: { readonly model: boolean; readonly needs: readonly string[] };
}

export interface FinishedPicture {
  readonly index: number;
  readonly blob: BlobKey;
  readonly handoff: BlobKey | null;
  readonly width: number;
  readonly height: number;
  readonly notes: readonly PictureNote[];
  readonly arithmetic?: Arithmetic;
  /** What the next such job will take is learnt from it. */
  readonly timings: EngineResult['timings'];
}

export interface JobStore extends Omit<JobService, 'accept' | 'cancel'> {
  /**
   * One transaction: the job (the same platform and event again returns the first one), the quota decision under a lock of
   * the member and the guild, the reservation in the ledger, the delivery that is owed, and its turn in the fair share.
   */
  accept(input: AcceptInput): Promise<Accepted>;
  /** `cancelled`: it was queued and has ended, refunded, its delivery owed. `stopping`: marked; its worker must stop it. */
  cancel(job: JobId): Promise<CancelOutcome>;
  /**
   * The job whose turn it is by fair share, marked as running under a lease; null: none waits that this worker can do with
   * its models and what it has offered in `ExtraStore` (without `models`: any can). For a model that it has loaded, whoever's turn it is may be passed over: see take.ts. So
   * are those who are busy, because this worker draws for them now.
   */
  takeNext(lease: Lease, models?: WorkerModels, busy?: readonly Member[]): Promise<Job | null>;
  /** False where the lease was lost: the worker must stop. Also tells of a wish to cancel. `done`: the share of its steps. */
  renew(job: JobId, lease: Lease, done?: number): Promise<{ readonly held: boolean; readonly cancelled: boolean }>;
  /**
   * One transaction: the pictures (unique by job and index), status `done`, the settlement by measured seconds, the delivery
   * made due. False, and nothing changed, where this worker no longer holds the lease.
   */
  finish(
    job: JobId,
    worker: string,
    pictures: readonly FinishedPicture[],
    measuredSeconds: number,
    /** Covered until clicked also where the request was not. */
    spoiler?: boolean,
  ): Promise<boolean>;
  /** Ends it as `failed` or `cancelled`, refunds, and makes its delivery due. False where the lease was lost. */
  fail(job: JobId, worker: string, status: 'failed' | 'cancelled', failure: JobFailure): Promise<boolean>;
  /** Ends a job that is done, but whose pictures are gone before they were delivered: `failed`, its whole charge given back. */
  lose(job: JobId, failure: JobFailure): Promise<void>;
  /**
   * The platform takes the pictures of this finished job nowhere: its charge is given back, and `failure` is kept with it,
   * so that words are owed instead. The pictures stay in its person's history. False: there was nothing to withhold, or the
   * delivery is settled, or claimed by another.
   */
  withhold(job: JobId, failure: JobFailure, claim?: number): Promise<boolean>;
  /** Back in line, first of its member's, without counting against anybody; the attempt stays counted. */
  release(job: JobId, worker: string): Promise<void>;
  /**
   * Puts jobs whose lease has run out back in line, and ends those that were to be cancelled or have been begun too often;
   * returns all of them as they are now.
   */
  reclaimExpired(): Promise<readonly Job[]>;
  /** What jobs wait for and no worker has, or none has together, while there are workers. */
  unserved(): Promise<readonly Unserved[]>;
  /** Ends the jobs that wait for it, refunds, and makes their deliveries due; returns them as they are now. */
  failUnserved(unserved: Unserved): Promise<readonly Job[]>;
  /** Ends all leases: for the only process of a store, when it starts. */
  expireLeases(): Promise<void>;
  /** What waits, by the load of its guild. */
  queueDepth(): Promise<readonly QueueDepth[]>;
  countWaiting(): Promise<number>;
  /** The handle that the outbox will answer by; replaced once the placeholder is known. */
  replyTo(job: JobId): Promise<unknown>;
  keepReplyTo(job: JobId, replyTo: unknown, message?: { channel: ChannelId; message: MessageId }): Promise<void>;
}

export interface PictureStore extends Omit<PictureService, 'remove'> {
  /** Whether the bytes are a picture or an upload of this person, or a picture that was public on this platform. */
  isShownTo(key: BlobKey, person: { platform: PlatformId; user: UserId }): Promise<boolean>;
  /** Removes the row; returns the blobs that no other row refers to. */
  remove(picture: PictureId): Promise<readonly BlobKey[]>;
}

export interface PeopleStore {
  /** As `PeopleService.forget`, with the blobs that no other row refers to. */
  forget(
    person: Parameters<PeopleService['forget']>[0],
  ): Promise<{ readonly pictures: number; readonly jobs: number; readonly blobs: readonly BlobKey[] }>;
}

/** One finished job's message that is owed to its requester. */
export interface OwedDelivery {
  readonly job: Job;
  readonly locale: string;
  readonly pictures: readonly Picture[];
  readonly replyTo: unknown;
  /** At most 25 characters, the same on every try. */
  readonly nonce: string;
  readonly partial: unknown;
  readonly attempts: number;
  /** Which claim of it this is. */
  readonly claim: number;
}

/**
 * What the outbox does with a delivery names its claim: where somebody else has claimed it since, because this process stood
 * still for longer than its claim held, nothing is changed. Without a claim it is done whoever holds it.
 */
export interface DeliveryStore {
  /**
   * Due deliveries of these platforms, the oldest first, at most one a channel, leased to the caller for `leaseSeconds`. None
   * of a job whose progress another process shows: it might show a late state over the answer.
   */
  claimDue(
    platforms: readonly PlatformId[],
    limit: number,
    leaseSeconds: number,
    process?: string,
  ): Promise<readonly OwedDelivery[]>;
  /** Those of these unfinished jobs whose progress this process may show for `leaseSeconds` from now, and no other. */
  claimShowing(jobs: readonly JobId[], process: string, leaseSeconds: number): Promise<readonly JobId[]>;
  /** Nobody is at work: what was claimed or shown is free for whoever comes. */
  expireClaims(): Promise<void>;
  /** The process shows no more progress of this job; absent: of any. */
  releaseShowing(process: string, job?: JobId): Promise<void>;
  /** Claims that are still being worked on hold for `leaseSeconds` more. */
  renewClaims(jobs: readonly JobId[], leaseSeconds: number, claims?: ReadonlyMap<JobId, number>): Promise<void>;
  savePartial(job: JobId, partial: unknown, claim?: number): Promise<void>;
  delivered(job: JobId, message: { channel: ChannelId; message: MessageId }, claim?: number): Promise<void>;
  retryLater(job: JobId, seconds: number, reason: string, claim?: number): Promise<void>;
  /** Given up for good, with the reason kept. */
  refused(job: JobId, reason: string, claim?: number): Promise<void>;
  countOwed(): Promise<number>;
  /** Seconds until the next one is due (0: now), or null where none is owed. */
  nextDueInSeconds(): Promise<number | null>;
}

/** What a worker holds beside its models. Upscalers go with any. */
export type HeldFile = Need & { readonly models: readonly string[]; readonly unread?: string };

/** The LoRAs, embeddings and upscalers that workers offer. */
export interface ExtraStore {
  /** In place of what this registered worker offered before. */
  offer(worker: string, offers: readonly HeldFile[]): Promise<void>;
  /** Offered by a worker that was heard of within the last minute, by name. An upscaler has no hash. */
  available(kind: HeldKind): Promise<readonly Extra[]>;
}

/** The models that workers offer. */
export interface ModelStore {
  /** `slots`: the jobs that the worker draws at a time. */
  register(
    worker: string,
    models: readonly { readonly name: string; readonly description: ModelDescription }[],
    slots?: number,
  ): Promise<void>;
  /** What workers that choose for themselves compute in: what the first one chose, `own` where this is the first. */
  agreeArithmetic(own: Arithmetic): Promise<Arithmetic>;
  heartbeat(worker: string): Promise<void>;
  unregister(worker: string): Promise<void>;
  /** Offered by a worker that was heard of within the last minute. */
  available(): Promise<readonly { readonly name: string; readonly description: ModelDescription }[]>;
}
