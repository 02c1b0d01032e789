import type { Command } from '../commands/command.ts';
import type { BlobKey, ChannelId, GuildId, JobId, MessageId, PlatformId } from '../commands/ids.ts';
import type { JobProgress } from '../commands/job.ts';
import type { MessageReply, Reply } from '../commands/reply.ts';
import type { CommandRequest, Origin } from '../commands/request.ts';

/** A chat service that people reach Easel by. Adapters are thin: transport, rendering, upload. */
export interface Platform {
  readonly id: PlatformId;
  /** What a person opens to reach it, where that is an address; null before `start` and after `stop`. */
  readonly address?: string | null;
  /**
   * Connects and begins to hand requests to the host. Rejects with a `PlatformAwayError` where the service cannot be
   * reached now, else with one clear line (missing intent, wrong token).
   */
  start(host: PlatformHost): Promise<void>;
  /** Takes no more requests; resolves when those in hand are answered. */
  stop(): Promise<void>;
  /**
   * Shows progress in the placeholder that `replyTo` names. Best effort and at the platform's pace: a newer state
   * replaces an older one that has not been sent, and a vanished placeholder is not an error. `isWanted` is asked just
   * before it is shown. After `finished` has resolved, nothing that came before is shown any more.
   */
  progress(replyTo: unknown, progress: JobProgress, isWanted?: () => Promise<boolean>): Promise<void>;
  /** Progress goes to people who are connected to this process, not into a message that all processes could edit. */
  readonly showsProgressLocally?: true;
  /**
   * Posts a finished message: edits the placeholder while it can be edited, else posts to the channel and mentions the
   * requester. Harmless when repeated: `nonce` (at most 25 characters) is the same on every try, and what an earlier try
   * has saved comes back as `partial`. Rejects with a `DeliveryError`.
   */
  deliver(delivery: OutgoingDelivery): Promise<DeliveredMessage>;
}

export interface OutgoingDelivery {
  readonly job: JobId;
  /** When it was asked for: no message about it is older. */
  readonly acceptedAt: Date;
  readonly replyTo: unknown;
  readonly message: MessageReply;
  readonly nonce: string;
  /** Reads a blob's bytes. */
  readonly readBlob: (key: BlobKey) => Promise<Uint8Array>;
  /** What `savePartial` kept in an earlier try (say, the ids of files already uploaded). */
  readonly partial: unknown;
  readonly savePartial: (partial: unknown) => Promise<void>;
}

export interface DeliveredMessage {
  readonly channel: ChannelId;
  readonly message: MessageId;
}

/** What the rest of the program offers to an adapter. */
export interface PlatformHost {
  readonly commands: readonly Command[];
  /** Runs the named command; never rejects: refusals and faults come back as a private message. */
  dispatch(request: CommandRequest): Promise<Reply>;
  /** The command that a reaction stands for in this guild, or null. */
  reactionCommand(guild: GuildId, reaction: string): Promise<string | null>;
  /** At most 25 suggestions for an option that a person is typing. */
  suggest(request: CommandRequest, option: string, typed: string): Promise<readonly { name: string; value: string }[]>;
  readBlob(key: BlobKey): Promise<Uint8Array>;
  /** Whether a person was shown these bytes: theirs, or a public picture of the same platform. */
  mayShow(key: BlobKey, person: Pick<Origin, 'platform' | 'user'>): Promise<boolean>;
  /**
   * Replaces the handle kept with a job. Slack names a message only once it is posted, so its adapter learns where the
   * placeholder is after `dispatch` has accepted the job; without this, a restart would leave the placeholder standing.
   * `message` is the placeholder itself, so that a reaction on it finds the job.
   */
  keepReplyTo?(job: JobId, replyTo: unknown, message?: DeliveredMessage): Promise<void>;
  /**
   * The service will not have us any more until an operator has mended something (a token that was reset, say): the whole
   * program ends in good order with the error's line, rather than go on deaf.
   */
  giveUp(error: Error): void;
}

/** The service cannot be reached now; trying again later may help. */
export class PlatformAwayError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PlatformAwayError';
  }
}

/** Why a delivery did not succeed, and so what the outbox does next. */
export class DeliveryError extends Error {
  /** `retry`: later, not before `retryAfterSeconds`; `refused`: never (no permission, channel gone). */
  readonly outcome: 'retry' | 'refused';
  readonly retryAfterSeconds: number;

  constructor(outcome: 'retry' | 'refused', message: string, retryAfterSeconds = 0) {
    super(message);
    this.name = 'DeliveryError';
    this.outcome = outcome;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
