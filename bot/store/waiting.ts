import { and, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Job } from '../../commands/job.ts';
import type { JobService } from '../../commands/services.ts';
import { rowsOf, type SqlDatabase } from './database.ts';
import { serviceOrder, type WaitingJob } from './fair-share.ts';
import { workInHand } from './place.ts';
import { jobOf } from './rows.ts';
import { guildShares, jobs, memberShares } from './schema.ts';

/** Of one member, and in all, so many are put in order: who stands further back is not waiting for a minute's news. */
const OF_ONE_MEMBER = 50;
const IN_ALL = 2000;

type Filter = Parameters<JobService['waiting']>[0];
type Listed = Awaited<ReturnType<JobService['waiting']>>[number];

/** What is being drawn, then what waits in the order of its turns; see `JobService.waiting`. */
export async function listWaiting(db: SqlDatabase, filter: Filter): Promise<readonly Listed[]> {
  const isWanted = and(
    filter.guild === undefined ? undefined : eq(jobs.guild, filter.guild),
    filter.user === undefined ? undefined : eq(jobs.user, filter.user),
  );
  const running = await db
    .select()
    .from(jobs)
    .where(and(sql`${jobs.status} = 'running'`, isWanted))
    .orderBy(jobs.startedAt)
    .limit(filter.limit);
  const begun = running.map((row): Listed => {
    const job = jobOf(row);
    return { job, place: 0, expectedSeconds: job.reservedSeconds };
  });
  const left = filter.limit - begun.length;
  const isOfAll = filter.guild === undefined && filter.user === undefined;
  const queue = left <= 0 ? [] : await lineUp(db, isOfAll ? left : IN_ALL, filter.guild);
  const wanted = queue
    .filter(({ guild, user }) => (filter.guild ?? guild) === guild && (filter.user ?? user) === user)
    .slice(0, left);
  const byId = await find(
    db,
    wanted.map(({ id }) => id),
  );
  const queued = wanted.flatMap(({ id, place, expectedSeconds }): Listed[] => {
    const job = byId.get(id);
    return job === undefined ? [] : [{ job, place, expectedSeconds }];
  });
  return [...begun, ...queued];
}

type InLine = WaitingJob & { readonly place: number; readonly expectedSeconds: number };

/** The first `limit` that wait, and all of one guild wherever they stand. */
async function lineUp(db: SqlDatabase, limit: number, guild: string | undefined): Promise<readonly InLine[]> {
  const waiting = await snapshot(db, limit, guild);
  if (waiting.length === 0) return [];
  const inHand = await workInHand(db);
  const guilds = new Map(waiting.map(({ guild: name, guildShare }) => [name, { guild: name, ...guildShare }]));
  const members = new Map(
    waiting.map(({ guild: of, user, memberShare }) => [`${of}\n${user}`, { guild: of, user, ...memberShare }]),
  );
  const order = serviceOrder(
    [...guilds.values()],
    [...members.values()],
    waiting,
    guild === undefined ? limit : undefined,
  );
  let ahead = inHand.seconds;
  return order.map((job, place) => {
    const expectedSeconds = ahead / inHand.workers + job.seconds;
    ahead += job.seconds;
    return { ...job, place, expectedSeconds };
  });
}

const snapshotSchema = z
  .object({
    id: z.string(),
    guild: z.string(),
    user: z.string(),
    priority: z.coerce.number(),
    seconds: z.coerce.number(),
    guild_virtual: z.coerce.number(),
    guild_turn: z.coerce.number(),
    weight: z.coerce.number(),
    member_virtual: z.coerce.number(),
    member_turn: z.coerce.number(),
  })
  .transform(({ id, guild, user, priority, seconds, ...share }) => ({
    ...{ id, guild, user, priority, seconds },
    guildShare: { virtualSeconds: share.guild_virtual, turnAt: share.guild_turn, weight: share.weight },
    memberShare: { virtualSeconds: share.member_virtual, turnAt: share.member_turn },
  }));

/**
 * Who waits, with their next jobs: one statement, so that it is of one moment. The first `limit` jobs in line are of the
 * first `limit` guilds, and in each of the first `limit` members: whoever is behind so many has a later turn than each.
 */
function snapshot(db: SqlDatabase, limit: number, guild: string | undefined) {
  const columns = sql`guild, virtual_seconds, turn_at, weight`;
  const first = sql`(select ${columns} from ${guildShares} where waiting > 0
    order by virtual_seconds, turn_at, guild limit ${limit})`;
  const also = sql`(select ${columns} from ${guildShares} where waiting > 0 and guild = ${guild ?? ''})`;
  return rowsOf(
    db,
    snapshotSchema,
    sql`
      with guilds as (${first} union ${also})
      select job.id, g.guild, m.user_id as user, job.priority, job.reserved_seconds as seconds,
        g.virtual_seconds as guild_virtual, extract(epoch from g.turn_at) as guild_turn, g.weight,
        m.virtual_seconds as member_virtual, extract(epoch from m.turn_at) as member_turn
      from guilds g
      cross join lateral (
        select user_id, virtual_seconds, turn_at from ${memberShares} m
        where m.guild = g.guild and m.waiting > 0
        order by virtual_seconds, turn_at, user_id limit ${limit}
      ) m
      cross join lateral (
        select id, priority, reserved_seconds from ${jobs} j
        where j.status = 'queued' and j.guild = g.guild and j.user_id = m.user_id
        order by priority desc, id limit ${OF_ONE_MEMBER}
      ) job`,
  );
}

async function find(db: SqlDatabase, ids: readonly string[]): Promise<ReadonlyMap<string, Job>> {
  if (ids.length === 0) return new Map();
  const rows = await db.select().from(jobs).where(inArray(jobs.id, ids));
  return new Map(rows.map((row) => [row.id, jobOf(row)]));
}
