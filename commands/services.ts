import type { ModelDescription } from './engine.ts';
import type { BlobKey, ChannelId, GuildId, JobId, MessageId, PictureId, PlatformId, RecipeId, UserId } from './ids.ts';
import type { Job, Picture, Work } from './job.ts';
import type { Recipe } from './recipe.ts';
import type { Actor, Origin } from './request.ts';

/** What commands may do; the bot implements it on the store, the queue and the blobs. */
export interface Services {
  readonly jobs: JobService;
  readonly pictures: PictureService;
  readonly models: ModelService;
  readonly blobs: BlobService;
  now(): Date;
  /** Uniform over 0 .. 2^32 - 1: short enough to type. */
  randomSeed(): number;
}

export interface AcceptInput {
  readonly origin: Origin;
  readonly actor: Actor;
  readonly work: Work;
  readonly visibility: 'public' | 'private';
  readonly replyTo: unknown;
}

export interface Accepted {
  readonly job: Job;
  /** Jobs that will be begun before it, from 0. */
  readonly place: number;
  /** Until its pictures are there, from measured step times. */
  readonly expectedSeconds: number;
  readonly repeated: boolean;
}

export type CancelOutcome = 'cancelled' | 'stopping' | 'finished' | 'unknown';

export interface JobService {
  /**
   * In one transaction: records the job, reserves its price and owes the reply. The same `origin.event` again returns the
   * first job. Rejects with a `UserError` where a rule or quota forbids it.
   */
  accept(input: AcceptInput): Promise<Accepted>;
  find(job: JobId): Promise<Job | null>;
  /** A queued job ends at once, a running one before its next step; the charge is refunded, exactly once. */
  cancel(job: JobId): Promise<CancelOutcome>;
  /** Unfinished jobs in the order in which they will be begun. */
  waiting(filter: {
    guild?: GuildId;
    user?: UserId;
    limit: number;
  }): Promise<readonly { job: Job; place: number; expectedSeconds: number }[]>;
}

export interface PictureService {
  find(picture: PictureId): Promise<Picture | null>;
  ofJob(job: JobId): Promise<readonly Picture[]>;
  /** The pictures of the message that a reaction or a menu points at. */
  ofMessage(platform: PlatformId, channel: ChannelId, message: MessageId): Promise<readonly Picture[]>;
  recipe(id: RecipeId): Promise<Recipe | null>;
  /** Newest first; `before` is the last id of the page before. */
  history(filter: { guild: GuildId; user: UserId; before?: PictureId; limit: number }): Promise<readonly Picture[]>;
  /** Removes the rows, and the blobs that nothing else refers to. */
  remove(picture: PictureId): Promise<void>;
}

export interface ModelService {
  /** Names that may be asked for here; the first is the default. */
  names(): readonly string[];
  /** Rejects with a `UserError` for a name that is not served. */
  describe(name?: string): Promise<ModelDescription>;
}

export interface BlobService {
  put(bytes: Uint8Array): Promise<BlobKey>;
  /** Rejects with a `UserError` where it is gone. */
  get(key: BlobKey): Promise<Uint8Array>;
}
