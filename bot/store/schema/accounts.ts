import {
  bigserial,
  doublePrecision,
  index,
  integer,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { at, easel } from './columns.ts';
import { GUILD_LOADS } from './fair-share.ts';

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
  (table) => [
    uniqueIndex('ledger_key').on(table.key),
    index('ledger_member').on(table.guild, table.user),
    index('ledger_person').on(table.user, table.guild),
  ],
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
export const waitingSums = easel.table(
  'waiting_sums',
  {
    load: text('load', { enum: GUILD_LOADS }).notNull(),
    part: smallint('part').notNull(),
    waiting: integer('waiting').notNull(),
  },
  (table) => [primaryKey({ columns: [table.load, table.part] })],
);
