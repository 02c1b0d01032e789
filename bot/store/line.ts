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

/** A guild that waits, and the sums of its waiting jobs. */
const laneSchema = z.object({
  guild: z.string(),
  virtualSeconds: z.coerce.number(),
  weight: z.coerce.number(),
  waiting: z.coerce.number(),
  seconds: z.coerce.number(),
});

/** So much more of a guild is read than its average job says will be needed: its first ones may be short. */
const MARGIN = 2;

/**
 * Who waits, with the next jobs of each: those that the first `limit` in line are among, as far as the sums of each guild
 * can tell. With `guild` it is the line within that guild.
 */
export async function readLine(
  db: SqlDatabase,
  limit: number,
  guild?: string,
): Promise<{ readonly waiting: readonly Waiting[]; readonly line: Line }> {
  const wanted = guild === undefined ? await firstOfGuilds(db, limit) : [{ guild, count: limit }];
  // One statement, so that it is of one moment. Of a guild's first jobs none is behind so many members, or jobs of one.
  // Each by a look-up, which the limits make sure of: guesses at how many are wanted would have tables read as a whole.
  const waiting = await rowsOf(
    db,
    snapshotSchema,
    sql`
      select job.id, g.guild, m.user_id as user, job.priority, job.reserved_seconds as seconds, job.rounds,
        g.virtual_seconds as guild_virtual, extract(epoch from g.turn_at) as guild_turn, g.weight,
        m.virtual_seconds as member_virtual, extract(epoch from m.turn_at) as member_turn
      from json_to_recordset(${JSON.stringify(wanted)}::json) as wanted (guild text, count int)
      cross join lateral (
        select guild, virtual_seconds, turn_at, weight from ${guildShares} where guild = wanted.guild limit 1
      ) g
      cross join lateral (
        select user_id, virtual_seconds, turn_at from ${memberShares} m
        where m.guild = g.guild and m.waiting > 0
        order by virtual_seconds, turn_at, user_id limit wanted.count
      ) m
      cross join lateral (
        select id, priority, reserved_seconds, rounds from ${jobs} j
        where j.status = 'queued' and j.guild = g.guild and j.user_id = m.user_id
        order by priority desc, id limit least(wanted.count, ${OF_ONE_MEMBER}::int)
      ) job`,
  );
  const guilds = new Map(waiting.map(({ guild: name, guildShare }) => [name, { guild: name, ...guildShare }]));
  const members = new Map(
    waiting.map(({ guild: of, user, memberShare }) => [`${of}\n${user}`, { guild: of, user, ...memberShare }]),
  );
  return { waiting, line: new Line([...guilds.values()], [...members.values()], waiting) };
}

/** Of which guilds the first `limit` jobs in line are, and how many are to be read of each: no other guild's turn is before. */
async function firstOfGuilds(
  db: SqlDatabase,
  limit: number,
): Promise<readonly { readonly guild: string; readonly count: number }[]> {
  const lanes = await rowsOf(
    db,
    laneSchema,
    sql`select guild, virtual_seconds as "virtualSeconds", weight, waiting, waiting_seconds as seconds
      from ${guildShares} where waiting > 0 order by virtual_seconds, turn_at, guild limit ${limit}`,
  );
  const turns = lanes.map((lane) => ({ ...lane, count: 0 }));
  for (let served = 0; served < limit; served++) {
    const open = turns.filter(({ count, waiting }) => count < waiting);
    const [first, ...others] = open;
    if (first === undefined) break;
    const next = others.reduce((least, lane) => (lane.virtualSeconds < least.virtualSeconds ? lane : least), first);
    next.count += 1;
    next.virtualSeconds += next.seconds / next.waiting / next.weight;
  }
  return turns.map(({ guild, count }) => ({ guild, count: MARGIN * count })).filter(({ count }) => count > 0);
}
