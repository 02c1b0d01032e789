import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { rowsOf, type SqlDatabase } from './database.ts';
import { Line } from './fair-share.ts';
import { guildShares, jobs, memberShares } from './schema.ts';

/** Of one member so many are put in order: who stands further back is not waiting for a minute's news. */
const OF_ONE_MEMBER = 50;

const snapshotSchema = z
  .object({
    id: z.string(),
    guild: z.string(),
    user: z.string(),
    priority: z.coerce.number(),
    seconds: z.coerce.number(),
    rounds: z.coerce.number(),
    guild_virtual: z.coerce.number(),
    guild_turn: z.coerce.number(),
    weight: z.coerce.number(),
    member_virtual: z.coerce.number(),
    member_turn: z.coerce.number(),
  })
  .transform(({ id, guild, user, priority, seconds, rounds, ...share }) => ({
    ...{ id, guild, user, priority, seconds, rounds },
    guildShare: { virtualSeconds: share.guild_virtual, turnAt: share.guild_turn, weight: share.weight },
    memberShare: { virtualSeconds: share.member_virtual, turnAt: share.member_turn },
  }));

export type Waiting = z.infer<typeof snapshotSchema>;

/**
 * Who waits, with their next jobs: one statement, so that it is of one moment. The first `limit` jobs in line are of the
 * first `limit` guilds, and in each of the first `limit` members: whoever is behind so many has a later turn than each.
 * With `guild` it is the line within that guild.
 */
export async function readLine(
  db: SqlDatabase,
  limit: number,
  guild?: string,
): Promise<{ readonly waiting: readonly Waiting[]; readonly line: Line }> {
  const waiting = await rowsOf(
    db,
    snapshotSchema,
    sql`
      select job.id, g.guild, m.user_id as user, job.priority, job.reserved_seconds as seconds, job.rounds,
        g.virtual_seconds as guild_virtual, extract(epoch from g.turn_at) as guild_turn, g.weight,
        m.virtual_seconds as member_virtual, extract(epoch from m.turn_at) as member_turn
      from (
        select guild, virtual_seconds, turn_at, weight from ${guildShares}
        where waiting > 0 and ${guild === undefined ? sql`true` : sql`guild = ${guild}`}
        order by virtual_seconds, turn_at, guild limit ${limit}
      ) g
      cross join lateral (
        select user_id, virtual_seconds, turn_at from ${memberShares} m
        where m.guild = g.guild and m.waiting > 0
        order by virtual_seconds, turn_at, user_id limit ${limit}
      ) m
      cross join lateral (
        select id, priority, reserved_seconds, rounds from ${jobs} j
        where j.status = 'queued' and j.guild = g.guild and j.user_id = m.user_id
        order by priority desc, id limit ${OF_ONE_MEMBER}
      ) job`,
  );
  const guilds = new Map(waiting.map(({ guild: name, guildShare }) => [name, { guild: name, ...guildShare }]));
  const members = new Map(
    waiting.map(({ guild: of, user, memberShare }) => [`${of}\n${user}`, { guild: of, user, ...memberShare }]),
  );
  return { waiting, line: new Line([...guilds.values()], [...members.values()], waiting) };
}
