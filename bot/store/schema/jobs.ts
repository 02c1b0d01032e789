import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { at, createdAt, easel, json, words } from './columns.ts';

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
    /** When that was; null: not since it was begun. */
    doneAt: at('done_at'),
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
    index('jobs_waiting_since').on(table.guild, table.createdAt).where(sql`${table.status} = 'queued'`),
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
    /** What its model was computed in; null: by none, or by a version that did not say. */
    arithmetic: text('arithmetic'),
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

/** Bytes that were deleted by their person: they are removed after a grace, unless something refers to them again. */
export const releasedBlobs = easel.table(
  'released_blobs',
  {
    key: text('key').primaryKey(),
    releasedAt: at('released_at').notNull().default(sql`now()`),
    /** Their person was forgotten: others' requests that began with them do not keep them. */
    forgotten: boolean('forgotten').notNull().default(false),
  },
  (table) => [index('released_blobs_at').on(table.releasedAt)],
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
    /** The process that shows the job's progress, and until when without a sign of life. */
    shownBy: text('shown_by'),
    shownUntil: at('shown_until'),
    attempts: integer('attempts').notNull().default(0),
    partial: json('partial'),
    reason: words('reason'),
  },
  (table) => [
    index('deliveries_shown').on(table.shownBy).where(sql`${table.shownBy} is not null`),
    index('deliveries_due').on(table.sequence).where(sql`${table.status} = 'due'`),
    index('deliveries_refused').on(table.sequence).where(sql`${table.status} = 'refused'`),
    index('deliveries_channel').on(table.platform, table.channel, table.sequence).where(sql`${table.status} = 'due'`),
  ],
);
export const deliverySequence = easel.sequence('delivery_sequence');
