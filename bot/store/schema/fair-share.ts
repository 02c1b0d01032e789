import { sql } from 'drizzle-orm';
import { doublePrecision, index, integer, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { at, easel } from './columns.ts';

/** Guilds by how much they have in line: those with little are the first to suffer where the fair share is not fair. */
export const GUILD_LOADS = ['light', 'busy', 'crowded'] as const;
export type GuildLoad = (typeof GUILD_LOADS)[number];

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
    /** Since when the first of its waiting jobs has been there; null: none waits. */
    waitingSince: at('waiting_since'),
    /** How much it has in line: up to 3 jobs, up to 20, more; null: nothing. */
    load: text('load', { enum: GUILD_LOADS }).generatedAlwaysAs(
      sql`case when waiting > 20 then 'crowded' when waiting > 3 then 'busy' when waiting > 0 then 'light' end`,
    ),
  },
  (table) => [
    index('guild_shares_waiting').on(table.virtualSeconds, table.turnAt, table.guild).where(sql`${table.waiting} > 0`),
    index('guild_shares_waiting_since').on(table.load, table.waitingSince).where(sql`${table.load} is not null`),
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
