import { and, eq, exists, inArray, min, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { blobKeySchema, type JobId, jobIdSchema } from '../../commands/ids.ts';
import type { Cutoffs, RetentionStore } from '../retention/retention-store.ts';
import { rowsOf, type SqlDatabase } from './database.ts';
import { dropUnused, unreferred } from './pictures.ts';
import { releasedBlobs, settleReleased } from './released-blobs.ts';
import { audit, deliveries, guildSettings, jobs, ledger, pictures, turns, usageHours } from './schema.ts';

const DAY_MS = 86_400_000;

export function retentionStore(db: SqlDatabase): RetentionStore {
  return {
    passJobs: (cutoffs, after, limit) => db.transaction((tx) => passJobs(tx, cutoffs, after, limit)),

    async dropTurns(before, limit) {
      const ids = sql`(select user_id, id from ${turns} where created_at < ${before.toISOString()}::timestamptz
        order by created_at limit ${limit} for update skip locked)`;
      return counted(db, sql`delete from ${turns} where (user_id, id) in ${ids} returning 1 as one`);
    },

    dropAudit: (before, limit) => dropOldest(db, audit, sql`at`, before, limit),

    async dropUsage(before, limit) {
      const entries = await dropOldest(db, ledger, sql`recorded_at`, before, limit);
      const hours = sql`(select guild, hour from ${usageHours}
        where user_id = '' and hour < ${before.toISOString()}::timestamptz order by hour limit ${limit})`;
      const sums = await counted(db, sql`delete from ${usageHours} where (guild, hour) in ${hours} returning 1 as one`);
      return entries + sums;
    },

    releasedBlobs: (moment, limit) => releasedBlobs(db, moment, limit),
    settleReleased: (keys) => settleReleased(db, keys),
    unreferred: (keys) => unreferred(db, keys),
  };
}

async function passJobs(
  tx: SqlDatabase,
  cutoffs: Cutoffs,
  after: JobId | null,
  limit: number,
): ReturnType<RetentionStore['passJobs']> {
  const { pictures: ofPictures, handoffs, jobs: ofJobs, now } = cutoffs;
  const latest = latestOf([ofPictures, handoffs, ofJobs, daysBefore(now, await shortestOfGuilds(tx))]);
  if (latest === null) return { last: null, blobs: [] };
  const passed = await tx
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(sql`${jobs.id} > ${after ?? firstIdAt(new Date(0))}`, before(jobs.id, latest)))
    .orderBy(jobs.id)
    .limit(limit);
  const isTold = tx
    .select({ job: deliveries.job })
    .from(deliveries)
    .where(and(eq(deliveries.job, jobs.id), inArray(deliveries.status, ['delivered', 'refused'])));
  const isPassed = inArray(
    jobs.id,
    passed.map(({ id }) => id),
  );
  const ofGuild = sql<number | null>`(select keep_days from ${guildSettings} g
    where g.guild = case when ${jobs}.guild like '@me:%' then '@me' else ${jobs}.guild end)`;
  const settled = await tx
    .select({ id: jobs.id, keepDays: ofGuild })
    .from(jobs)
    .where(and(isPassed, exists(isTold)))
    .for('update', { skipLocked: true });
  const blobs: (string | null)[] = [];
  for (const days of new Set(settled.map((job) => job.keepDays))) {
    const ids = settled.filter((job) => job.keepDays === days).map(({ id }) => id);
    blobs.push(...(await letGo(tx, ids, withGuildLimit(cutoffs, days))));
  }
  const last = passed.length < limit ? undefined : passed.at(-1);
  return { last: last === undefined ? null : jobIdSchema.parse(last.id), blobs: await unreferred(tx, blobs) };
}

async function shortestOfGuilds(tx: SqlDatabase): Promise<number | null> {
  const [row] = await tx.select({ days: min(guildSettings.keepDays) }).from(guildSettings);
  return row?.days ?? null;
}

function withGuildLimit(cutoffs: Cutoffs, days: number | null): Cutoffs {
  const own = daysBefore(cutoffs.now, days);
  const sooner = (date: Date | null): Date | null => latestOf([date, own]);
  return {
    ...cutoffs,
    pictures: sooner(cutoffs.pictures),
    handoffs: sooner(cutoffs.handoffs),
    jobs: sooner(cutoffs.jobs),
  };
}

async function letGo(tx: SqlDatabase, ids: readonly string[], cutoffs: Cutoffs): Promise<(string | null)[]> {
  const blobs = [
    ...(await dropHandoffs(tx, ids, cutoffs.handoffs)),
    ...(await expirePictures(tx, ids, cutoffs.pictures)),
    ...(await dropStartPictures(tx, ids, cutoffs.pictures)),
  ];
  await dropJobs(tx, ids, cutoffs.jobs);
  return blobs;
}

const blobRow = z.object({ blob: blobKeySchema.nullable() });

async function dropHandoffs(tx: SqlDatabase, ids: readonly string[], cutoff: Date | null) {
  if (cutoff === null || ids.length === 0) return [];
  const rows = await rowsOf(
    tx,
    blobRow,
    sql`
      with held as (
        select job, index, handoff from ${pictures}
        where job in ${[...ids]} and handoff is not null and ${before(sql`job`, cutoff)}
      )
      update ${pictures} p set handoff = null from held where p.job = held.job and p.index = held.index
      returning held.handoff as blob`,
  );
  return rows.map(({ blob }) => blob);
}

/** The row stays, with the recipe: what was drawn can be drawn again. */
async function expirePictures(tx: SqlDatabase, ids: readonly string[], cutoff: Date | null) {
  if (cutoff === null || ids.length === 0) return [];
  const rows = await rowsOf(
    tx,
    blobRow.extend({ handoff: blobKeySchema.nullable() }),
    sql`
      with held as (
        select job, index, blob, handoff from ${pictures}
        where job in ${[...ids]} and expired_at is null and ${before(sql`job`, cutoff)}
      )
      update ${pictures} p set expired_at = now(), handoff = null
      from held where p.job = held.job and p.index = held.index
      returning held.blob, held.handoff`,
  );
  return rows.flatMap(({ blob, handoff }) => [blob, handoff]);
}

async function dropStartPictures(tx: SqlDatabase, ids: readonly string[], cutoff: Date | null) {
  if (cutoff === null || ids.length === 0) return [];
  const isHeld = and(
    inArray(jobs.id, [...ids]),
    before(jobs.id, cutoff),
    sql`(${jobs.initBlob} is not null or ${jobs.maskBlob} is not null)`,
  );
  const held = await tx.select({ init: jobs.initBlob, mask: jobs.maskBlob }).from(jobs).where(isHeld);
  if (held.length > 0) await tx.update(jobs).set({ initBlob: null, maskBlob: null }).where(isHeld);
  return held.flatMap(({ init, mask }) => [init, mask]);
}

/** Those without a picture that is still kept, with all rows about them. */
async function dropJobs(tx: SqlDatabase, ids: readonly string[], cutoff: Date | null): Promise<void> {
  if (cutoff === null || ids.length === 0) return;
  const isKept = sql`exists (select from ${pictures} p where p.job = ${jobs.id} and p.expired_at is null)`;
  const empty = await tx
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(inArray(jobs.id, [...ids]), before(jobs.id, cutoff), sql`not ${isKept}`));
  if (empty.length === 0) return;
  const gone = empty.map(({ id }) => id);
  const expired = await tx.delete(pictures).where(inArray(pictures.job, gone)).returning({ recipe: pictures.recipe });
  await tx.delete(jobs).where(inArray(jobs.id, gone));
  await dropUnused(
    tx,
    expired.map(({ recipe }) => recipe),
    [],
  );
}

/** Of a table whose ids grow with time: the oldest rows, none where the first of them is younger. */
function dropOldest(
  db: SqlDatabase,
  table: typeof audit | typeof ledger,
  time: SQL,
  cutoff: Date,
  limit: number,
): Promise<number> {
  const oldest = sql`(select id from ${table} order by id limit ${limit} for update skip locked)`;
  return counted(
    db,
    sql`delete from ${table} where id in ${oldest} and ${time} < ${cutoff.toISOString()}::timestamptz returning 1 as one`,
  );
}

async function counted(db: SqlDatabase, statement: SQL): Promise<number> {
  return (await rowsOf(db, z.object({ one: z.number() }), statement)).length;
}

/** The latest of these moments; null: there is none. */
function latestOf(moments: readonly (Date | null)[]): Date | null {
  const times = moments.flatMap((moment) => (moment === null ? [] : [moment.getTime()]));
  return times.length === 0 ? null : new Date(Math.max(...times));
}

function daysBefore(now: Date, days: number | null): Date | null {
  return days === null ? null : new Date(now.getTime() - days * DAY_MS);
}

/** Ids of jobs begin with their time, so their primary key finds the old ones. */
function before(id: SQL | typeof jobs.id, moment: Date): SQL {
  return sql`${id} < ${firstIdAt(moment)}::uuid`;
}

/** The least UUID of version 7 with this time (RFC 9562, section 5.7). */
function firstIdAt(moment: Date): string {
  const time = moment.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
