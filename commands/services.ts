import type { ModelDescription } from './engine.ts';
import type { BlobKey, ChannelId, GuildId, JobId, MessageId, PictureId, PlatformId, RecipeId, UserId } from './ids.ts';
import type { Job, Picture, Work } from './job.ts';
import type { Asker } from './model-access.ts';
import type { Recipe } from './recipe.ts';
import type { Mention } from './reply.ts';
import type { Actor, Attachment, Origin } from './request.ts';
import type { GuildSettings, QuotaRule, QuotaUnit, RecipeDefaults } from './settings.ts';
import type { Sight } from './sight.ts';

/** What commands may do; the bot implements it on the store, the queue and the blobs. */
export interface Services {
  readonly jobs: JobService;
  readonly pictures: PictureService;
  readonly models: ModelService;
  readonly extras: ExtraService;
  readonly wildcards: WildcardService;
  readonly blobs: BlobService;
  readonly settings: SettingsService;
  readonly preferences: PreferenceService;
  readonly usage: UsageService;
  readonly people: PeopleService;
  /** A drawing as PNG. The SVG is our own: texts of people are escaped in it. */
  drawSvg(svg: string): Promise<Uint8Array>;
  now(): Date;
  /** Uniform over 0 .. 2^32 - 1: short enough to type. */
  randomSeed(): number;
}

export interface AcceptInput {
  readonly origin: Origin;
  readonly actor: Actor;
  readonly work: Work;
  readonly visibility: 'public' | 'private';
  /** Its pictures are hidden until clicked. */
  readonly spoiler: boolean;
  readonly replyTo: unknown;
  /** What its recipe starts from, if it came with the request. */
  readonly uploads?: readonly Upload[];
}

export interface Accepted {
  readonly job: Job;
  /** Jobs that will be begun before it, from 0. */
  readonly place: number;
  /** Until its pictures are there, from measured step times. */
  readonly expectedSeconds: number;
  readonly repeated: boolean;
  /** Workers could not be told of it now; it is kept, and told of as soon as they can. */
  readonly isDelayed?: boolean;
}

export type CancelOutcome = 'cancelled' | 'stopping' | 'finished' | 'unknown';

export interface JobService {
  /**
   * In one transaction: records the job, reserves its price and owes the reply. The same `origin.event` again returns the
   * first job. Rejects with a `UserError` where a rule or quota forbids it; then nothing of its uploads stays stored.
   */
  accept(input: AcceptInput): Promise<Accepted>;
  /** Rejects with a `UserError` where `accept` would refuse this now, for a quota, a cooldown or the number at once. */
  requireRoom(input: Pick<AcceptInput, 'origin' | 'actor' | 'work'>): Promise<void>;
  find(job: JobId): Promise<Job | null>;
  /** The job that a message is about: its placeholder or its delivered pictures. */
  ofMessage(platform: PlatformId, channel: ChannelId, message: MessageId): Promise<Job | null>;
  /** A queued job ends at once, a running one before its next step; the charge is refunded, exactly once. */
  cancel(job: Pick<Job, 'id' | 'origin'>): Promise<CancelOutcome>;
  /** A member's jobs that have not ended, the newest first. */
  unfinished(member: { guild: GuildId; user: UserId; limit: number }): Promise<readonly Job[]>;
  /** Unfinished jobs in the order in which they will be begun; a guild's own in a very long line with places that are estimates. */
  waiting(filter: {
    guild?: GuildId;
    limit: number;
  }): Promise<readonly { job: Job; place: number; expectedSeconds: number }[]>;
}

export interface PictureService {
  find(picture: PictureId): Promise<Picture | null>;
  ofJob(job: JobId): Promise<readonly Picture[]>;
  /** The pictures of the message that a reaction or a menu points at. */
  ofMessage(platform: PlatformId, channel: ChannelId, message: MessageId): Promise<readonly Picture[]>;
  recipe(id: RecipeId): Promise<Recipe | null>;
  /** The picture of a recipe that a person is likely to mean: of those that they may see their own, those that are kept, the newest. */
  ofRecipe(id: RecipeId, sight: Sight): Promise<Picture | null>;
  /**
   * Whether a person may draw from these bytes: a picture that was drawn for them, or publicly for anybody, or an upload of
   * their own. Nobody else's upload is theirs, whoever passed its key on.
   */
  mayUse(key: BlobKey, person: Pick<Origin, 'platform' | 'user'>): Promise<boolean>;
  /** Newest first; `before` is the last id of the page before. */
  history(filter: { guild: GuildId; user: UserId; before?: PictureId; limit: number }): Promise<readonly Picture[]>;
  /** Removes the rows, and the blobs that nothing else refers to. */
  remove(picture: PictureId): Promise<void>;
}

export interface ModelService {
  /** Names that they may ask for; the first is the default. */
  names(asker: Asker): Promise<readonly string[]>;
  /** Rejects with a `UserError` for a name that is not served, or not to them. */
  describe(asker: Asker, name?: string): Promise<ModelDescription>;
}

/** A LoRA or an embedding, as a prompt names it. */
export interface Extra {
  readonly name: string;
  /** SHA-256 of its file. */
  readonly hash: string;
  /** Names of the served models that it was made for. */
  readonly models: readonly string[];
  /** The kind of adapter that it is, where nothing can be drawn with that: `DoRA`. */
  readonly unread?: string;
}

/** What workers have beside models. */
export interface ExtraService {
  loras(): Promise<readonly Extra[]>;
  embeddings(): Promise<readonly Extra[]>;
  /** Names of the operator's own networks that enlarge. */
  upscalers(): Promise<readonly string[]>;
  /** What models are computed in, as `computedIn` names it. */
  arithmetics(): Promise<readonly string[]>;
}

/** The operator's text files that `__name__` in a prompt takes a line of. */
export interface WildcardService {
  names(): Promise<readonly string[]>;
  /** Without the empty ones and comments; null where there is no such file. */
  lines(name: string): Promise<readonly string[] | null>;
}

export interface BlobService {
  /**
   * The bytes of a file that a person sent, in their turn: one at a time for each, a few in all, and so many bytes a person
   * and hour. Commands of others do not wait for it. Rejects with a `UserError`.
   */
  receive(file: Attachment, from: Origin): Promise<Uint8Array>;
  /**
   * Receives a picture to start from, with its mask if there is one, and hands it on upright and without its metadata. Nothing
   * is stored: `jobs.accept` does that. The next file waits until `use` is done. Rejects with a `UserError` where a file is no
   * picture (PNG, JPEG, WebP, GIF) or larger than the limits, and where the mask has another shape or marks nothing. Ask
   * the rules first.
   */
  withStart<T>(
    files: { readonly picture: Attachment; readonly mask?: Attachment | undefined },
    from: Origin,
    use: (start: StartPicture) => Promise<T>,
  ): Promise<T>;
  /** As `withStart`, for the mask of a picture of this size that is stored already. */
  withMask<T>(
    file: Attachment,
    picture: { readonly width: number; readonly height: number },
    from: Origin,
    use: (mask: Upload) => Promise<T>,
  ): Promise<T>;
  /** Rejects with a `UserError` where it is gone. */
  get(key: BlobKey): Promise<Uint8Array>;
}

/** Bytes that came with a request, under the key that they have once they are stored. */
export interface Upload {
  readonly key: BlobKey;
  readonly bytes: Uint8Array;
}

export interface StartPicture {
  readonly picture: Upload;
  readonly width: number;
  readonly height: number;
  /** White where to draw: as it was given, or where the picture is transparent; null for all of it. */
  readonly mask: Upload | null;
}

export interface SettingsService {
  /** The defaults where nothing has been changed yet. */
  of(guild: GuildId): Promise<GuildSettings>;
  /** Of the guilds in which a person has drawn, or is banned: what binds them where no guild sets rules, too. */
  ofPerson(person: Pick<Origin, 'platform' | 'user'>): Promise<readonly GuildSettings[]>;
  /**
   * Applies `edit` to the current settings and writes the audit entry, in one transaction. What `edit` throws is thrown
   * and nothing is changed. Returns the new settings.
   */
  change(input: {
    guild: GuildId;
    by: UserId;
    action: string;
    mentions?: readonly Mention[];
    edit: (settings: GuildSettings) => GuildSettings;
  }): Promise<GuildSettings>;
  /** An entry for what is not a setting (a grant, a cancelled job). */
  note(input: { guild: GuildId; by: UserId; action: string; mentions?: readonly Mention[] }): Promise<void>;
  /** Newest first; `before` is the last id of the page before. */
  audit(filter: { guild: GuildId; before?: string; limit: number }): Promise<readonly AuditEntry[]>;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly by: UserId;
  /** One line that says what was done: "quota set: everyone, 50 pictures a day". */
  readonly action: string;
  /** Whom and what the action names. */
  readonly mentions: readonly Mention[];
}

/** A person's own defaults, in one guild. */
export interface PreferenceService {
  of(guild: GuildId, user: UserId): Promise<RecipeDefaults>;
  save(guild: GuildId, user: UserId, preferences: RecipeDefaults): Promise<void>;
}

export interface UsageService {
  /** The rules that bind this member now, as `QuotaRule` tells their precedence. */
  quotas(
    member: Pick<Origin, 'platform' | 'guild' | 'user'> & { roles: Actor['roles'] },
  ): Promise<readonly QuotaState[]>;
  /** Adds to what a member may use in every window that contains this moment. The same `event` again adds nothing. */
  grant(input: {
    guild: GuildId;
    user: UserId;
    unit: QuotaUnit;
    amount: number;
    by: UserId;
    event: Origin['event'];
  }): Promise<void>;
  /** What was charged in [from, to), by day (UTC) and member. */
  daily(filter: { guild: GuildId; from: Date; to: Date }): Promise<readonly DailyUsage[]>;
}

export interface QuotaState {
  readonly rule: QuotaRule;
  /** Charged and reserved in the window so far, less the grants. */
  readonly used: number;
  /** When the window begins anew; null for a rolling one. */
  readonly resetsAt: Date | null;
}

export interface DailyUsage {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly user: UserId;
  readonly pictures: number;
  readonly seconds: number;
}

export interface PeopleService {
  /**
   * Forgets a person: cancels what waits, and removes their pictures, prompts, preferences and messages. Ledger rows stay as
   * sums without a name, so that quotas of the guild remain true.
   */
  forget(person: { platform: PlatformId; user: UserId }): Promise<{ readonly pictures: number; readonly jobs: number }>;
}
