import { and, desc, eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import type { JobId } from '../../commands/ids.ts';
import { eventIdSchema } from '../../commands/ids.ts';
import { messagesFor } from '../../commands/locale/index.ts';
import { requireStillAllowed } from '../../commands/rules.ts';
import type { Operations, OperationsSnapshot, Retry } from '../operations/operations.ts';
import { accept } from './accept.ts';
import { settingsBinding } from './binding.ts';
import { isRunning, SILENCE } from './conditions.ts';
import { rowsOf, type SqlDatabase } from './database.ts';
import { readMode, writeMode } from './mode.ts';
import { queueDepth } from './queue-depth.ts';
import { jobOf } from './rows.ts';
import { deliveries, jobs, usageDays, workerModels, workers } from './schema.ts';
import { listWaiting } from './waiting.ts';

const DAYS = 30;
const MAX_FAILURES = 50;
const LINE_LENGTH = 20;
/** The event of a retry: this, and the failed job's id. */
const RETRY = 'retry:';

export function operationsStore(db: SqlDatabase, now: () => Date): Operations {
  return {
    async snapshot() {
      const [mode, queue, line, owed, working, usage, failed, refused] = await Promise.all([
        readMode(db),
        queueState(db),
        listWaiting(db, { limit: LINE_LENGTH }),
        db.$count(deliveries, sql`${deliveries.status} = 'due'`),
        workerStates(db),
        usageByDay(db, now()),
        failedJobs(db),
        refusedDeliveries(db),
      ]);
      const failures = [...failed, ...refused].sort((a, b) => endOf(b) - endOf(a)).slice(0, MAX_FAILURES);
      return { mode, ...queue, line, deliveriesOwed: owed, workers: working, usage, failures };
    },

    mode: () => readMode(db),

    setMode: (mode) => writeMode(db, mode),

    async retry(id) {
      return (await oweAgain(db, id)) ?? (await drawAgain(db, id, now()));
    },
  };
}

async function queueState(
  db: SqlDatabase,
): Promise<Pick<OperationsSnapshot, 'waiting' | 'running' | 'oldestWaitSeconds'>> {
  const [depth, running] = await Promise.all([queueDepth(db), db.$count(jobs, isRunning)]);
  const waiting = depth.reduce((sum, each) => sum + each.jobs, 0);
  const oldest = Math.max(...depth.map(({ oldestSeconds }) => oldestSeconds));
  return { waiting, running, oldestWaitSeconds: waiting === 0 ? null : oldest };
}

function workerStates(db: SqlDatabase): Promise<OperationsSnapshot['workers']> {
  const state = z.object({
    id: z.string(),
    models: z.array(z.string()),
    silentSeconds: z.coerce.number(),
    gone: z.boolean(),
    running: z.coerce.number(),
    slots: z.coerce.number(),
  });
  return rowsOf(
    db,
    state,
    sql`with busy as (select locked_by, count(*) as running from ${jobs} where status = 'running' group by locked_by)
      select w.id, w.slots, extract(epoch from now() - w.heard_at) as "silentSeconds",
        w.heard_at <= now() - ${SILENCE} as gone,
        (select coalesce(json_agg(m.name order by m.position), '[]') from ${workerModels} m where m.worker = w.id) as models,
        coalesce(busy.running, 0) as running
      from ${workers} w left join busy on busy.locked_by = w.id
      where w.heard_at > now() - interval '10 minutes' order by w.id`,
  );
}

async function usageByDay(db: SqlDatabase, now: Date): Promise<OperationsSnapshot['usage']> {
  const from = new Date(now.getTime() - DAYS * 24 * 3600 * 1000);
  const day = z.object({ day: z.string(), pictures: z.coerce.number(), seconds: z.coerce.number() });
  return rowsOf(
    db,
    day,
    sql`select to_char(day at time zone 'UTC', 'YYYY-MM-DD') as day, sum(pictures) as pictures, sum(seconds) as seconds
      from ${usageDays} where day >= ${from.toISOString()}::timestamptz
      group by 1 having sum(pictures) <> 0 or sum(seconds) <> 0 order by 1`,
  );
}

async function failedJobs(db: SqlDatabase): Promise<OperationsSnapshot['failures']> {
  const retries = alias(jobs, 'retries');
  const rows = await db
    .select({ row: jobs, retry: retries })
    .from(jobs)
    .leftJoin(retries, and(eq(retries.platform, jobs.platform), sql`${retries.event} = ${RETRY}::text || ${jobs.id}`))
    .where(sql`${jobs.status} = 'failed'`)
    .orderBy(desc(jobs.finishedAt))
    .limit(MAX_FAILURES);
  return rows.map(({ row, retry }) => {
    const job = jobOf(row);
    const cause = job.failure?.cause ?? job.failure?.message ?? '';
    return { job, what: 'drawing', cause, retry: retry === null ? null : jobOf(retry) };
  });
}

async function refusedDeliveries(db: SqlDatabase): Promise<OperationsSnapshot['failures']> {
  const rows = await db
    .select()
    .from(deliveries)
    .innerJoin(jobs, eq(jobs.id, deliveries.job))
    .where(sql`${deliveries.status} = 'refused'`)
    .orderBy(desc(deliveries.sequence))
    .limit(MAX_FAILURES);
  return rows.map(({ jobs: row, deliveries: { reason } }) => ({
    job: jobOf(row),
    what: 'delivery',
    cause: reason ?? '',
    retry: null,
  }));
}

function endOf({ job }: OperationsSnapshot['failures'][number]): number {
  return (job.finishedAt ?? job.createdAt).getTime();
}

async function oweAgain(db: SqlDatabase, id: JobId): Promise<Retry | null> {
  const rows = await db
    .update(deliveries)
    .set({ status: 'due', dueAt: sql`now()`, leaseUntil: null, attempts: 0 })
    .from(jobs)
    .where(and(eq(deliveries.job, id), sql`${deliveries.status} = 'refused'`, eq(jobs.id, deliveries.job)))
    .returning({ job: jobs });
  const [row] = rows;
  if (row === undefined) return null;
  const job = jobOf(row.job);
  return { failed: job, again: job };
}

/** The same request by the rules of now, under an event of its own, made from the failed job's id: a second retry finds the first. */
async function drawAgain(db: SqlDatabase, id: JobId, now: Date): Promise<Retry | null> {
  const [row] = await db
    .select()
    .from(jobs)
    .where(and(eq(jobs.id, id), sql`${jobs.status} = 'failed'`));
  if (row === undefined) return null;
  const failed = jobOf(row);
  const { origin, work, visibility, spoiler } = failed;
  requireStillAllowed(await settingsBinding(db, origin), failed, messagesFor(row.locale));
  const actor = { name: '', roles: [], admin: false, locale: row.locale };
  const event = eventIdSchema.parse(`${RETRY}${id}`);
  const input = { origin: { ...origin, event }, actor, work, visibility, spoiler, replyTo: row.replyTo };
  const { job: again, repeated } = await accept(db, input, now);
  return repeated ? null : { failed, again };
}
