import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/**
 * A schema of its own: BullMQ's tables may live in the same database. After a change here, `npx drizzle-kit generate`
 * writes the migration; both are committed.
 */
export const easel = pgSchema('easel');

/** Any JSON, as it was: jsonb refuses NUL characters and lone surrogates, and people's texts may have them. */
const json = customType<{ data: unknown }>({ dataType: () => 'json', toDriver: (value) => JSON.stringify(value) });
/** What people or programs wrote, for people to read; text cannot hold NUL characters. */
const words = customType<{ data: string }>({
  dataType: () => 'text',
  toDriver: (value) => value.replaceAll('\u0000', '\ufffd'),
});

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const createdAt = at('created_at').notNull();

/** What was asked, and what became of it. */
export const jobs = easel.table(
  'jobs',
  {
    id: uuid('id').primaryKey(),
    platform: text('platform').notNull(),
    guild: text('guild').notNull(),
    channel: text('channel').notNull(),
    user: text('user_id').notNull(),
    event: text('event').notNull(),
    locale: text('locale').notNull(),
    work: json('work').notNull(),
    /** The model that a worker needs for it; null: any worker can do it. */
    model: text('model'),
    /** What it needs beside: see `needKey`. */
    needs: text('needs').array().notNull().default([]),
    status: text('status').notNull(),
    visibility: text('visibility').notNull(),
    spoiler: boolean('spoiler').notNull(),
    /** Of one member's jobs the highest goes first. */
    priority: integer('priority').notNull().default(0),
    attempts: integer('attempts').notNull().default(0),
    reservedSeconds: doublePrecision('reserved_seconds').notNull(),
    measuredSeconds: doublePrecision('measured_seconds'),
    /** Steps that follow one another, and the share of them that was done when its worker was last heard of. */
    rounds: integer('rounds').notNull().default(1),
    done: doublePrecision('done').notNull().default(0),
    failure: json('failure'),
    replyTo: json('reply_to'),
    /** The request's `traceparent` (W3C Trace Context), for the spans that follow; null: it is not traced. */
    trace: text('trace'),
    /** Blobs that the work starts from: they must not be removed before the job is. */
    initBlob: text('init_blob'),
    maskBlob: text('mask_blob'),
    /** The worker that draws it, and until when without a sign of life. */
    lockedBy: text('locked_by'),
    leaseUntil: at('lease_until'),
    cancelRequested: boolean('cancel_requested').notNull().default(false),
    /** Its person has been forgotten: it goes as soon as what is owed for it is settled. */
    forgotten: boolean('forgotten').notNull().default(false),
    createdAt,
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
  },
  (table) => [
    uniqueIndex('jobs_event').on(table.platform, table.event),
    index('jobs_queued')
      .on(table.guild, table.user, sql`${table.priority} desc`, table.id)
      .where(sql`${table.status} = 'queued'`),
    index('jobs_waiting_since').on(table.createdAt).where(sql`${table.status} = 'queued'`),
    index('jobs_unfinished').on(table.guild, table.user).where(sql`${table.status} in ('queued', 'running')`),
    index('jobs_running').on(table.leaseUntil).where(sql`${table.status} = 'running'`),
    index('jobs_failed').on(table.finishedAt).where(sql`${table.status} = 'failed'`),
    index('jobs_of_member').on(table.guild, table.user, table.id),
    index('jobs_of_person').on(table.platform, table.user),
    index('jobs_init_blob').on(table.initBlob),
    index('jobs_mask_blob').on(table.maskBlob),
  ],
);

/** By their short public ids. */
export const recipes = easel.table('recipes', {
  id: text('id').primaryKey(),
  recipe: json('recipe').notNull(),
});

export const pictures = easel.table(
  'pictures',
  {
    job: uuid('job')
      .notNull()
      .references(() => jobs.id, { onDelete: 'cascade' }),
    index: smallint('index').notNull(),
    recipe: text('recipe')
      .notNull()
      .references(() => recipes.id),
    blob: text('blob').notNull(),
    handoff: text('handoff'),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    notes: json('notes').notNull(),
    /** Since when its bytes are no longer kept; its recipe is. */
    expiredAt: at('expired_at'),
    guild: text('guild').notNull(),
    user: text('user_id').notNull(),
    createdAt,
  },
  (table) => [
    primaryKey({ columns: [table.job, table.index] }),
    index('pictures_of_member').on(table.guild, table.user, table.job, table.index),
    index('pictures_recipe').on(table.recipe),
    index('pictures_blob').on(table.blob),
    index('pictures_handoff').on(table.handoff),
  ],
);

/** Which job a message is about: its placeholder and its delivered pictures. */
export const messages = easel.table(
  'messages',
  {
    platform: text('platform').notNull(),
    channel: text('channel').notNull(),
    message: text('message').notNull(),
    job: uuid('job')
      .notNull()
      .references(() => jobs.id, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.platform, table.channel, table.message] }),
    index('messages_job').on(table.job),
  ],
);

/** The message that each job owes its requester: `waiting` for the job's end, `due`, then `delivered` or `refused`. */
export const deliveries = easel.table(
  'deliveries',
  {
    job: uuid('job')
      .primaryKey()
      .references(() => jobs.id, { onDelete: 'cascade' }),
    platform: text('platform').notNull(),
    channel: text('channel').notNull(),
    status: text('status').notNull(),
    /** The order in which jobs ended. */
    sequence: bigint('sequence', { mode: 'number' }),
    dueAt: at('due_at'),
    leaseUntil: at('lease_until'),
    attempts: integer('attempts').notNull().default(0),
    partial: json('partial'),
    reason: words('reason'),
  },
  (table) => [
    index('deliveries_due').on(table.sequence).where(sql`${table.status} = 'due'`),
    index('deliveries_refused').on(table.sequence).where(sql`${table.status} = 'refused'`),
    index('deliveries_channel').on(table.platform, table.channel, table.sequence).where(sql`${table.status} = 'due'`),
  ],
);
export const deliverySequence = easel.sequence('delivery_sequence');

/** Append only: what was reserved, settled, refunded and granted, each once by its key. */
export const ledger = easel.table(
  'ledger',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    key: text('key').notNull(),
    kind: text('kind').notNull(),
    guild: text('guild').notNull(),
    user: text('user_id').notNull(),
    job: uuid('job'),
    pictures: doublePrecision('pictures').notNull(),
    seconds: doublePrecision('seconds').notNull(),
    /** The moment whose quotas it counts in: a settlement counts where its reservation did. */
    countedAt: at('counted_at').notNull(),
    recordedAt: at('recorded_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('ledger_key').on(table.key), index('ledger_member').on(table.guild, table.user)],
);

/** Sums of the ledger by member and hour, and by guild and hour under the empty user. */
export const usageHours = easel.table(
  'usage_hours',
  {
    guild: text('guild').notNull(),
    user: text('user_id').notNull(),
    hour: at('hour').notNull(),
    pictures: doublePrecision('pictures').notNull().default(0),
    seconds: doublePrecision('seconds').notNull().default(0),
    grantedPictures: doublePrecision('granted_pictures').notNull().default(0),
    grantedSeconds: doublePrecision('granted_seconds').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.guild, table.user, table.hour] }),
    index('usage_hours_of_guild').on(table.guild, table.hour),
  ],
);

/**
 * Sums over all guilds, each in as many rows as there are parts, so that guilds do not wait for one another: a guild's part
 * is a hash of its name. Triggers keep both, in the transaction that changes what they sum up.
 */
export const usageDays = easel.table(
  'usage_days',
  {
    day: at('day').notNull(),
    part: smallint('part').notNull(),
    pictures: doublePrecision('pictures').notNull(),
    seconds: doublePrecision('seconds').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.part] })],
);
export const waitingSums = easel.table('waiting_sums', {
  part: smallint('part').primaryKey(),
  waiting: integer('waiting').notNull(),
});

/** Fair share: the virtual time of the guild that was served last. One row. */
export const shareClock = easel.table('share_clock', {
  id: smallint('id').primaryKey(),
  virtualSeconds: doublePrecision('virtual_seconds').notNull(),
});

/** A guild's place in the fair share. Its row is also the lock of all that changes the guild's jobs: see shares.ts. */
export const guildShares = easel.table(
  'guild_shares',
  {
    guild: text('guild').primaryKey(),
    /** Twice the weight gets twice the compute. */
    weight: doublePrecision('weight').notNull().default(1),
    virtualSeconds: doublePrecision('virtual_seconds').notNull(),
    /** The virtual time of the guild's member that was served last. */
    memberClock: doublePrecision('member_clock').notNull().default(0),
    waiting: integer('waiting').notNull().default(0),
    waitingSeconds: doublePrecision('waiting_seconds').notNull().default(0),
    /** Since when it waits for its turn: of equals the longest waiting goes first. */
    turnAt: at('turn_at').notNull(),
  },
  (table) => [
    index('guild_shares_waiting').on(table.virtualSeconds, table.turnAt, table.guild).where(sql`${table.waiting} > 0`),
  ],
);

export const memberShares = easel.table(
  'member_shares',
  {
    guild: text('guild').notNull(),
    user: text('user_id').notNull(),
    virtualSeconds: doublePrecision('virtual_seconds').notNull(),
    waiting: integer('waiting').notNull().default(0),
    waitingSeconds: doublePrecision('waiting_seconds').notNull().default(0),
    turnAt: at('turn_at').notNull(),
    /** Compute seconds that others were given in this turn, for the sake of models that workers had loaded. */
    passedSeconds: doublePrecision('passed_seconds').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.guild, table.user] }),
    index('member_shares_waiting')
      .on(table.guild, table.virtualSeconds, table.turnAt, table.user)
      .where(sql`${table.waiting} > 0`),
  ],
);

export const guildSettings = easel.table('guild_settings', {
  guild: text('guild').primaryKey(),
  settings: json('settings').notNull(),
});

export const audit = easel.table(
  'audit',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    guild: text('guild').notNull(),
    by: text('by_user').notNull(),
    action: words('action').notNull(),
    at: at('at').notNull().defaultNow(),
  },
  (table) => [index('audit_guild').on(table.guild, table.id)],
);

export const preferences = easel.table(
  'preferences',
  {
    guild: text('guild').notNull(),
    user: text('user_id').notNull(),
    preferences: json('preferences').notNull(),
  },
  (table) => [primaryKey({ columns: [table.guild, table.user] }), index('preferences_user').on(table.user)],
);

/** Workers that offer models, and when they were last heard of. */
export const workers = easel.table('workers', {
  id: text('id').primaryKey(),
  /** Jobs that it draws at a time. */
  slots: integer('slots').notNull().default(1),
  heardAt: at('heard_at').notNull(),
});

export const workerModels = easel.table(
  'worker_models',
  {
    worker: text('worker')
      .notNull()
      .references(() => workers.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** The worker's own order: the first is the default. */
    position: integer('position').notNull(),
    description: json('description').notNull(),
  },
  (table) => [primaryKey({ columns: [table.worker, table.name] })],
);

/** The LoRAs, embeddings and upscalers beside the models. */
export const workerExtras = easel.table(
  'worker_extras',
  {
    worker: text('worker')
      .notNull()
      .references(() => workers.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    /** As `needKey` makes it: the work of a job may name it so. */
    key: text('key').notNull().default(''),
    /** Empty for an upscaler, which is known by its name. */
    hash: text('hash').notNull(),
    /** Names of the worker's models that it fits. */
    models: json('models').notNull(),
  },
  (table) => [primaryKey({ columns: [table.worker, table.kind, table.name] })],
);

/** How long a unit of work takes whom at which size: the basis of prices. See `commands/quote.ts`. */
export const measuredRates = easel.table(
  'measured_rates',
  {
    /** A model's or an upscaler's name. */
    by: text('by').notNull(),
    stage: text('stage').notNull(),
    pixels: integer('pixels').notNull(),
    secondsPerUnit: doublePrecision('seconds_per_unit').notNull(),
  },
  (table) => [primaryKey({ columns: [table.by, table.stage, table.pixels] })],
);

/** What the whole service does with requests, as an operator has chosen. One row. */
export const operation = easel.table('operation', { id: smallint('id').primaryKey(), mode: text('mode').notNull() });

/** The page's conversations. A removed turn keeps its id, with nothing in it. */
export const turns = easel.table(
  'turns',
  {
    user: text('user_id').notNull(),
    id: uuid('id').notNull(),
    /** Of the turn's first version: their order in the conversation. */
    began: bigint('began', { mode: 'number' }).notNull(),
    /** Of its newest version. */
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    turn: json('turn'),
    answered: boolean('answered').notNull(),
    createdAt: createdAt.defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.user, table.id] }),
    index('turns_began').on(table.user, table.began),
    index('turns_created').on(table.createdAt),
    index('turns_sequence').on(table.user, table.sequence),
    index('turns_unanswered').on(table.began).where(sql`not ${table.answered}`),
  ],
);
export const turnSequence = easel.sequence('turn_sequence');
