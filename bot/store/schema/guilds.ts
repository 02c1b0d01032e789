import { sql } from 'drizzle-orm';
import { bigserial, index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { at, easel, json, words } from './columns.ts';

export const guildSettings = easel.table(
  'guild_settings',
  {
    guild: text('guild').primaryKey(),
    settings: json('settings').notNull(),
    /** As the settings have it: no statement can look into JSON that may hold NUL characters. */
    keepDays: integer('keep_days'),
  },
  (table) => [index('guild_settings_keep_days').on(table.keepDays).where(sql`${table.keepDays} is not null`)],
);

export const audit = easel.table(
  'audit',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    guild: text('guild').notNull(),
    by: text('by_user').notNull(),
    action: words('action').notNull(),
    mentions: json('mentions').notNull().default([]),
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
