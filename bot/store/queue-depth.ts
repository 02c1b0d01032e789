import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { rowsOf, type SqlDatabase } from './database.ts';
import { guildShares, jobs } from './schema.ts';

/** Guilds by how much they have in line: those with little are the first to suffer where the fair share is not fair. */
export const GUILD_LOADS = ['light', 'busy', 'crowded'] as const;
export type GuildLoad = (typeof GUILD_LOADS)[number];

/** Up to so many jobs in line are light, and busy. */
const LIGHT = 3;
const BUSY = 20;

export interface QueueDepth {
  readonly load: GuildLoad;
  readonly jobs: number;
  /** Of the job that waits longest; 0: none does. */
  readonly oldestSeconds: number;
}

const depthSchema = z.object({ load: z.enum(GUILD_LOADS), jobs: z.coerce.number(), oldestSeconds: z.coerce.number() });

/** What waits, by the load of its guild. */
export async function queueDepth(db: SqlDatabase): Promise<readonly QueueDepth[]> {
  const rows = await rowsOf(
    db,
    depthSchema,
    sql`
      select case when g.waiting <= ${LIGHT} then 'light' when g.waiting <= ${BUSY} then 'busy' else 'crowded' end as load,
        count(*) as jobs, greatest(0, extract(epoch from now() - min(j.created_at))) as "oldestSeconds"
      from ${jobs} j join ${guildShares} g on g.guild = j.guild
      where j.status = 'queued' group by 1`,
  );
  const byLoad = new Map(rows.map((row) => [row.load, row]));
  return GUILD_LOADS.map((load) => byLoad.get(load) ?? { load, jobs: 0, oldestSeconds: 0 });
}
