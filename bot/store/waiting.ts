import { and, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { JobId } from '../../commands/ids.ts';
import type { Job } from '../../commands/job.ts';
import type { JobService } from '../../commands/services.ts';
import { rowsOf, type SqlDatabase } from './database.ts';
import { Line } from './fair-share.ts';
import { type DrawingWorker, forecast, type Outlook } from './forecast.ts';
import { jobOf } from './rows.ts';
import { guildShares, jobs, memberShares, workers } from './schema.ts';

/** Of one member, and in all, so many are put in order: who stands further back is not waiting for a minute's news. */
const OF_ONE_MEMBER = 50;
const IN_ALL = 2000;

const isRunning = sql`${jobs.status} = 'running'`;
const isHeardOf = sql`${workers.heardAt} > now() - interval '1 minute'`;

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
    .where(and(isRunning, isWanted))
    .orderBy(jobs.startedAt)
    .limit(filter.limit);
  const left = filter.limit - running.length;
  const isOfAll = filter.guild === undefined && filter.user === undefined;
  const { waiting, outlooks } = await lookAhead(db, isOfAll ? left : IN_ALL, filter.guild);
  const begun = running.map((row): Listed => {
    const job = jobOf(row);
    return { job, place: 0, expectedSeconds: outlooks.get(job.id)?.expectedSeconds ?? job.reservedSeconds };
  });
  const queued = waiting
    .filter(({ guild, user }) => (filter.guild ?? guild) === guild && (filter.user ?? user) === user)
    .flatMap(({ id }) => outlooks.get(id) ?? [])
    .sort((a, b) => a.place - b.place)
    .slice(0, Math.max(0, left));
  const byId = await find(
    db,
    queued.map(({ id }) => id),
  );
  return [
    ...begun,
    ...queued.flatMap(({ id, ...outlook }): Listed[] => {
      const job = byId.get(id);
      return job === undefined ? [] : [{ job, ...outlook }];
    }),
  ];
}

/** When one job that waits among the first `limit` will be there; null where it does not. */
export async function outlookOf(db: SqlDatabase, id: JobId, limit: number): Promise<Outlook | null> {
  const { outlooks } = await lookAhead(db, limit, undefined);
  return outlooks.get(id) ?? null;
}

/** What is expected of all that runs, of the first `limit` that wait, and of all of one guild wherever they stand. */
async function lookAhead(db: SqlDatabase, limit: number, guild: string | undefined) {
  const drawing = await drawingWorkers(db);
  const running = drawing.reduce((sum, worker) => sum + worker.jobs.length, 0);
  // Those who are busy may be passed over.
  const waiting = await snapshot(db, Math.max(1, limit) + running, guild);
  const guilds = new Map(waiting.map(({ guild: name, guildShare }) => [name, { guild: name, ...guildShare }]));
  const members = new Map(
    waiting.map(({ guild: of, user, memberShare }) => [`${of}\n${user}`, { guild: of, user, ...memberShare }]),
  );
  const line = new Line([...guilds.values()], [...members.values()], waiting);
  const outlooks = new Map<string, Outlook>();
  const enough = guild === undefined ? limit + running : Number.POSITIVE_INFINITY;
  for (const outlook of forecast(drawing, line, enough)) outlooks.set(outlook.id, outlook);
  return { waiting, outlooks };
}

/** Workers that were heard of lately, and others whose jobs have not been reclaimed yet; one at least. */
async function drawingWorkers(db: SqlDatabase): Promise<readonly DrawingWorker[]> {
  const heard = await db.select().from(workers).where(isHeardOf);
  const running = await db
    .select({
      worker: jobs.lockedBy,
      ...{ id: jobs.id, guild: jobs.guild, user: jobs.user },
      ...{ seconds: jobs.reservedSeconds, rounds: jobs.rounds, done: jobs.done },
    })
    .from(jobs)
    .where(isRunning);
  const slots = new Map(heard.map((worker) => [worker.id, worker.slots]));
  for (const { worker } of running) if (worker !== null && !slots.has(worker)) slots.set(worker, 1);
  if (slots.size === 0) return [{ slots: 1, jobs: [] }];
  return [...slots].map(([id, count]) => ({ slots: count, jobs: running.filter(({ worker }) => worker === id) }));
}

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
      select job.id, g.guild, m.user_id as user, job.priority, job.reserved_seconds as seconds, job.rounds,
        g.virtual_seconds as guild_virtual, extract(epoch from g.turn_at) as guild_turn, g.weight,
        m.virtual_seconds as member_virtual, extract(epoch from m.turn_at) as member_turn
      from guilds g
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
}

async function find(db: SqlDatabase, ids: readonly string[]): Promise<ReadonlyMap<string, Job>> {
  if (ids.length === 0) return new Map();
  const rows = await db.select().from(jobs).where(inArray(jobs.id, ids));
  return new Map(rows.map((row) => [row.id, jobOf(row)]));
}
