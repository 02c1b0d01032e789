import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { GuildId, UserId } from '../../commands/ids.ts';
import { SILENCE } from './conditions.ts';
import { rowsOf, type SqlDatabase } from './database.ts';
import { guildShares, jobs, memberShares, waitingSums, workers } from './schema.ts';

/** Virtual times that ought to be equal are apart by less: sums of fractions miss each other by a little. */
const ROUNDING = 1e-3;

const sumsSchema = z.object({ count: z.coerce.number(), seconds: z.coerce.number() });

/** So many guilds, and members of the own one, are looked at; of a longer line the rest is taken to be like them. */
const LOOKED_AT = 500;

/**
 * What will be begun before a member's newest job: how many jobs, and their compute seconds. Every member's jobs stand at
 * virtual times that are one job apart; those before the newest job's own time are counted, of members first, then of
 * guilds. One look at the first of those whose turn comes before it, none at their jobs.
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
        select m.waiting, m.waiting_seconds, m.turn_at, g.waiting - m.waiting as others,
          m.virtual_seconds + m.waiting_seconds - ${ownSeconds}::float8 as time
        from ${memberShares} m join ${guildShares} g on g.guild = m.guild
        where m.guild = ${guild} and m.user_id = ${user}
      ), members as (
        ${begunBefore(sql`own`, sql`select *, 1 as weight from ${memberShares} where guild = ${guild} and user_id <> ${user}`)}
      ), inside as (
        select own.waiting - 1 + members.count as count,
          own.waiting_seconds - ${ownSeconds}::float8 + members.seconds as seconds
        from own, members
      ), guild as (
        select g.turn_at, (select sum(waiting) from ${waitingSums}) - g.waiting as others,
          g.virtual_seconds + inside.seconds / g.weight as time
        from ${guildShares} g, inside where g.guild = ${guild}
      ), guilds as (
        ${begunBefore(sql`guild`, othersThan(guild))}
      )
      select inside.count + guilds.count as count, inside.seconds + guilds.seconds as seconds from inside, guilds`,
  );
  return sums ?? { count: 0, seconds: 0 };
}

/** Of other guilds' jobs, those that are begun before the virtual time `time` of a guild that waits. */
export async function aheadOf(db: SqlDatabase, guild: GuildId, time: number): Promise<z.infer<typeof sumsSchema>> {
  const [sums] = await rowsOf(
    db,
    sumsSchema,
    sql`
      with guild as (
        select turn_at, (select sum(waiting) from ${waitingSums}) - waiting as others, ${time}::float8 as time
        from ${guildShares} where guild = ${guild}
      )
      ${begunBefore(sql`guild`, othersThan(guild))}`,
  );
  return sums ?? { count: 0, seconds: 0 };
}

function othersThan(guild: GuildId): SQL {
  return sql`select * from ${guildShares} where guild <> ${guild}`;
}

/**
 * Of the jobs of `lanes`, the count and seconds of those whose virtual times are before that of `own`. Where more lanes come
 * before it than are looked at, the jobs of further ones are as dense along the virtual time as theirs, but no more than
 * wait there at all, which is `own.others`.
 */
function begunBefore(own: SQL, lanes: SQL): SQL {
  const time = sql`(select time from ${own})`;
  const further = sql`least(
    (select others from ${own}) - waiting, waiting * (${time} - last) / greatest(last - first, 1e-9)) / waiting`;
  return sql`
    select count * (1 + further) as count, seconds * (1 + further) as seconds
    from (
      select *, case when looked < ${LOOKED_AT} then 0 else greatest(0, ${further}) end as further
      from (
        select count(*) as looked, min(virtual_seconds) as first, max(virtual_seconds) as last, sum(waiting) as waiting,
          coalesce(sum(before), 0) as count, coalesce(sum(before * waiting_seconds / waiting), 0) as seconds
        from (
          select lane.*, ${countBefore(time, sql`(select turn_at from ${own})`)} as before
          from (${lanes}) lane
          where lane.waiting > 0 and lane.virtual_seconds < ${time} + ${ROUNDING}::float8
          order by lane.virtual_seconds limit ${LOOKED_AT}
        ) each_lane
      ) sums
    ) looked`;
}

/** Of a lane's jobs, those whose virtual times are before `time`; at the same time the longer waiting goes first. */
function countBefore(time: SQL, turnAt: SQL): SQL {
  const jobsApart = sql`(${time} - lane.virtual_seconds) * lane.weight
    / greatest(lane.waiting_seconds / lane.waiting, 1e-9)`;
  // Sums of fractions miss each other by a little where they ought to be equal.
  return sql`least(lane.waiting, greatest(0,
    case when lane.turn_at < ${turnAt} then floor(${jobsApart} + 1e-6) + 1 else ceil(${jobsApart} - 1e-6) end))`;
}

const inHandSchema = z.object({ seconds: z.coerce.number(), workers: z.coerce.number(), waiting: z.coerce.number() });

/** What the workers have in hand: compute seconds that are left of it, how many they are (one at least), and who waits. */
export async function workInHand(db: SqlDatabase): Promise<z.infer<typeof inHandSchema>> {
  const [sums] = await rowsOf(
    db,
    inHandSchema,
    sql`
      select (select coalesce(sum(reserved_seconds * (1 - done)), 0) from ${jobs} where status = 'running') as seconds,
        (select greatest(count(*), 1) from ${workers} where heard_at > now() - ${SILENCE}) as workers,
        (select coalesce(sum(waiting), 0) from ${waitingSums}) as waiting`,
  );
  return sums ?? { seconds: 0, workers: 1, waiting: 0 };
}
