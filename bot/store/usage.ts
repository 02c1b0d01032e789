import { and, eq, gte, lt, ne, sql } from 'drizzle-orm';
import { userIdSchema } from '../../commands/ids.ts';
import type { UsageService } from '../../commands/services.ts';
import { quotasBinding } from './binding.ts';
import type { SqlDatabase } from './database.ts';
import { grant } from './ledger.ts';
import { usageHours } from './schema.ts';

export function usageStore(db: SqlDatabase, now: () => Date): UsageService {
  return {
    quotas: ({ platform, guild, user, roles }) => quotasBinding(db, { platform, guild }, { user, roles }, now()),

    async grant({ guild, user, unit, amount, event }) {
      await db.transaction((tx) => grant(tx, { guild, user, unit, amount, event, at: now() }));
    },

    async daily({ guild, from, to }) {
      const day = sql<string>`to_char(${usageHours.hour} at time zone 'UTC', 'YYYY-MM-DD')`;
      const rows = await db
        .select({
          day,
          user: usageHours.user,
          pictures: sql`sum(${usageHours.pictures})`.mapWith(Number),
          seconds: sql`sum(${usageHours.seconds})`.mapWith(Number),
        })
        .from(usageHours)
        .where(
          and(
            eq(usageHours.guild, guild),
            ne(usageHours.user, ''),
            gte(usageHours.hour, from),
            lt(usageHours.hour, to),
          ),
        )
        .groupBy(day, usageHours.user)
        .having(sql`sum(${usageHours.pictures}) <> 0 or sum(${usageHours.seconds}) <> 0`)
        .orderBy(day, usageHours.user);
      return rows.map((row) => ({ ...row, user: userIdSchema.parse(row.user) }));
    },
  };
}
