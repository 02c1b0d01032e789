import { and, eq, inArray, sql } from 'drizzle-orm';
import type { JobId } from '../../commands/ids.ts';
import type { Job } from '../../commands/job.ts';
import type { JobService } from '../../commands/services.ts';
import { isHeardOf, isRunning } from './conditions.ts';
import type { SqlDatabase } from './database.ts';
import { type DrawingWorker, forecast, type Outlook } from './forecast.ts';
import { guildOutlooks } from './guild-outlooks.ts';
import { readLine } from './line.ts';
import { countWaiting } from './queue-depth.ts';
import { jobOf } from './rows.ts';
import { jobs, workers } from './schema.ts';

/** A line of so many jobs is played through for a guild that asks; of a longer one it hears what the sums say. */
const PLAYED_THROUGH = 500;

type Filter = Parameters<JobService['waiting']>[0];
type Listed = Awaited<ReturnType<JobService['waiting']>>[number];

/** What is being drawn, then what waits in the order of its turns; see `JobService.waiting`. */
export async function listWaiting(db: SqlDatabase, { guild, limit }: Filter): Promise<readonly Listed[]> {
  const running = await db
    .select()
    .from(jobs)
    .where(and(isRunning, guild === undefined ? undefined : eq(jobs.guild, guild)))
    .orderBy(jobs.startedAt)
    .limit(limit);
  const left = limit - running.length;
  const isLong = guild !== undefined && (await countWaiting(db)) > PLAYED_THROUGH;
  const { outlooks, waiting } = await lookAhead(db, isLong ? 0 : guild === undefined ? left : PLAYED_THROUGH);
  const next = isLong
    ? await guildOutlooks(db, guild, left)
    : waiting.filter((each) => (guild ?? each.guild) === each.guild);
  const rest = next.toSorted((a, b) => a.place - b.place).slice(0, Math.max(0, left));
  const byId = await find(
    db,
    rest.map(({ id }) => id),
  );
  return [
    ...running.map((row): Listed => {
      const job = jobOf(row);
      return { job, place: 0, expectedSeconds: outlooks.get(job.id)?.expectedSeconds ?? job.reservedSeconds };
    }),
    ...rest.flatMap(({ id, place, expectedSeconds }): Listed[] => {
      const job = byId.get(id);
      return job === undefined ? [] : [{ job, place, expectedSeconds }];
    }),
  ];
}

/** When one job that waits among the first `limit` will be there; null where it does not. */
export async function outlookOf(db: SqlDatabase, id: JobId, limit: number): Promise<Outlook | null> {
  const { outlooks } = await lookAhead(db, limit);
  return outlooks.get(id) ?? null;
}

/** What is expected of all that runs, and of the first `limit` that wait. */
async function lookAhead(db: SqlDatabase, limit: number) {
  const drawing = await drawingWorkers(db);
  const running = drawing.reduce((sum, worker) => sum + worker.jobs.length, 0);
  // Those who are busy may be passed over.
  const { waiting, line } = await readLine(db, Math.max(1, limit) + running);
  const outlooks = new Map<string, Outlook>();
  for (const outlook of forecast(drawing, line, limit + running)) outlooks.set(outlook.id, outlook);
  const waitingOutlooks = waiting.flatMap(({ id, guild }) => {
    const outlook = outlooks.get(id);
    return outlook === undefined ? [] : [{ ...outlook, guild }];
  });
  return { outlooks, waiting: waitingOutlooks };
}

/** Workers that were heard of lately, and others whose jobs have not been reclaimed yet; one at least. */
async function drawingWorkers(db: SqlDatabase): Promise<readonly DrawingWorker[]> {
  const heard = await db.select().from(workers).where(isHeardOf);
  const running = await db
    .select({
      worker: jobs.lockedBy,
      ...{ id: jobs.id, guild: jobs.guild, user: jobs.user },
      ...{ seconds: jobs.reservedSeconds, rounds: jobs.rounds, done: jobs.done },
      secondsSince: sql`extract(epoch from now() - coalesce(${jobs.doneAt}, ${jobs.startedAt}))`.mapWith(Number),
    })
    .from(jobs)
    .where(isRunning);
  const slots = new Map(heard.map((worker) => [worker.id, worker.slots]));
  for (const { worker } of running) if (worker !== null && !slots.has(worker)) slots.set(worker, 1);
  if (slots.size === 0) return [{ slots: 1, jobs: [] }];
  return [...slots].map(([id, count]) => ({ slots: count, jobs: running.filter(({ worker }) => worker === id) }));
}

async function find(db: SqlDatabase, ids: readonly string[]): Promise<ReadonlyMap<string, Job>> {
  if (ids.length === 0) return new Map();
  const rows = await db.select().from(jobs).where(inArray(jobs.id, ids));
  return new Map(rows.map((row) => [row.id, jobOf(row)]));
}
