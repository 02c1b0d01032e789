import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { rowsOf, type SqlDatabase } from './database.ts';
import { GUILD_LOADS, type GuildLoad, guildShares, waitingSums } from './schema.ts';

export interface QueueDepth {
  readonly load: GuildLoad;
  readonly jobs: number;
  /** Of the job that waits longest; 0: none does. */
  readonly oldestSeconds: number;
}

const depthSchema = z.object({ load: z.enum(GUILD_LOADS), jobs: z.coerce.number(), oldestSeconds: z.coerce.number() });

/** What waits, by the load of its guild: however much it is, a few sums and one entry of an index each. */
export function queueDepth(db: SqlDatabase): Promise<readonly QueueDepth[]> {
  return rowsOf(
    db,
    depthSchema,
    sql`
      select load, (select coalesce(sum(waiting), 0) from ${waitingSums} w where w.load = each.load) as jobs,
        (select coalesce(greatest(0, extract(epoch from now() - min(waiting_since))), 0)
          from ${guildShares} g where g.load = each.load) as "oldestSeconds"
      from (values ${sql.join(
        GUILD_LOADS.map((load) => sql`(${load})`),
        sql`, `,
      )}) as each (load)`,
  );
}

export async function countWaiting(db: SqlDatabase): Promise<number> {
  const sum = sql<number>`coalesce(sum(${waitingSums.waiting}), 0)`.mapWith(Number);
  const [row] = await db.select({ sum }).from(waitingSums);
  return row?.sum ?? 0;
}
