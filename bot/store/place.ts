import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { GuildId, UserId } from '../../commands/ids.ts';
import { rowsOf, type SqlDatabase } from './database.ts';
import { guildShares, jobs, memberShares, workers } from './schema.ts';

/** Virtual times that ought to be equal are apart by less: sums of fractions miss each other by a little. */
const ROUNDING = 1e-3;
const WORKER_SILENCE = sql`interval '1 minute'`;

const sumsSchema = z.object({ count: z.coerce.number(), seconds: z.coerce.number() });

/**
 * What will be begun before a member's newest job: how many jobs, and their compute seconds. Every member's jobs stand at
 * virtual times that are one job apart; those before the newest job's own time are counted, of members first, then of
 * guilds. One look at those whose turn comes before it, none at their jobs.
 */
export async function aheadOfNewest(
  tx: SqlDatabase,
  guild: GuildId,
  user: UserId,
  ownSeconds: number,
): Promise<z.infer<typeof sumsSchema>> {
  const [sums] = await rowsOf(
    tx,
    sumsSchema,
    sql`
      with own as (
        select *, virtual_seconds + waiting_seconds - ${ownSeconds}::float8 as time
        from ${memberShares} where guild = ${guild} and user_id = ${user}
      ), members as (
        select ${countBefore(sql`m`, sql`own`, sql`1`)} as count, m.waiting_seconds / m.waiting as each
        from ${memberShares} m, own
        where m.guild = ${guild} and m.waiting > 0 and m.user_id <> ${user}
          and m.virtual_seconds < own.time + ${ROUNDING}::float8
      ), inside as (
        select own.waiting - 1 + coalesce(sum(count), 0) as count,
          own.waiting_seconds - ${ownSeconds}::float8 + coalesce(sum(count * each), 0) as seconds
        from own left join members on true group by own.waiting, own.waiting_seconds
      ), guild as (
        select g.turn_at, g.virtual_seconds + inside.seconds / g.weight as time
        from ${guildShares} g, inside where g.guild = ${guild}
      ), guilds as (
        select ${countBefore(sql`g`, sql`guild`, sql`g.weight`)} as count, g.waiting_seconds / g.waiting as each
        from ${guildShares} g, guild
        where g.waiting > 0 and g.guild <> ${guild} and g.virtual_seconds < guild.time + ${ROUNDING}::float8
      )
      select inside.count + coalesce(sum(guilds.count), 0) as count,
        inside.seconds + coalesce(sum(guilds.count * guilds.each), 0) as seconds
      from inside left join guilds on true group by inside.count, inside.seconds`,
  );
  return sums ?? { count: 0, seconds: 0 };
}

/** Of `other`'s jobs, those whose virtual times are before `own.time`; at the same time the longer waiting goes first. */
function countBefore(other: ReturnType<typeof sql>, own: ReturnType<typeof sql>, weight: ReturnType<typeof sql>) {
  const jobsApart = sql`(${own}.time - ${other}.virtual_seconds) * ${weight}
    / greatest(${other}.waiting_seconds / ${other}.waiting, 1e-9)`;
  const isFirst = sql`${other}.turn_at < ${own}.turn_at`;
  // Sums of fractions miss each other by a little where they ought to be equal.
  return sql`least(${other}.waiting, greatest(0,
    case when ${isFirst} then floor(${jobsApart} + 1e-6) + 1 else ceil(${jobsApart} - 1e-6) end))`;
}

const inHandSchema = z.object({ seconds: z.coerce.number(), workers: z.coerce.number(), waiting: z.coerce.number() });

/** What the workers have in hand: compute seconds that are left of it, how many they are (one at least), and who waits. */
export async function workInHand(db: SqlDatabase): Promise<z.infer<typeof inHandSchema>> {
  const [sums] = await rowsOf(
    db,
    inHandSchema,
    sql`
      select (select coalesce(sum(reserved_seconds * (1 - done)), 0) from ${jobs} where status = 'running') as seconds,
        (select greatest(count(*), 1) from ${workers} where heard_at > now() - ${WORKER_SILENCE}) as workers,
        (select coalesce(sum(waiting), 0) from ${guildShares} where waiting > 0) as waiting`,
  );
  return sums ?? { seconds: 0, workers: 1, waiting: 0 };
}
