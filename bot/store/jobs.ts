import { and, desc, eq, sql } from 'drizzle-orm';
import { jobFailure } from '../../commands/failure.ts';
import { type GuildId, jobIdSchema } from '../../commands/ids.ts';
import { type Job, type JobFailure, MAX_ATTEMPTS } from '../../commands/job.ts';
import { accept, requireRoom } from './accept.ts';
import { isRunning, isUnfinished } from './conditions.ts';
import { type SqlDatabase, secondsFromNow } from './database.ts';
import { isClaim } from './deliveries.ts';
import { asItIsNow, endDone, endLost, endUndelivered, endWithout, type LockedJob, putBack, withJob } from './end.ts';
import { rememberMessage } from './messages.ts';
import { countWaiting, queueDepth } from './queue-depth.ts';
import { jobOf } from './rows.ts';
import { deliveries, jobs, messages } from './schema.ts';
import type { JobStore } from './store.ts';
import { takeNext } from './take.ts';
import { failUnserved, findUnserved } from './unserved.ts';
import { listWaiting } from './waiting.ts';

const CANCELLED: JobFailure = { code: 'cancelled', message: 'Cancelled.' };
/** Of a job whose workers have vanished over and over. */
const VANISHED: JobFailure = {
  ...jobFailure('crashed'),
  cause: `Its worker was not heard of any more, ${MAX_ATTEMPTS} times: killed (memory), or cut off from the database.`,
};

export function jobStore(db: SqlDatabase, now: () => Date, onDrift: (guild: GuildId) => void = () => {}): JobStore {
  return {
    accept: (input) => accept(db, input, now()),
    requireRoom: (input) => requireRoom(db, input, now()),
    takeNext: (lease, models, busy = []) => takeNext(db, lease, models, busy, onDrift),
    waiting: (filter) => listWaiting(db, filter),

    async find(id) {
      const [row] = await db.select().from(jobs).where(eq(jobs.id, id));
      return row === undefined ? null : jobOf(row);
    },

    async unfinished({ guild, user, limit }) {
      const rows = await db
        .select()
        .from(jobs)
        .where(and(eq(jobs.guild, guild), eq(jobs.user, user), isUnfinished))
        // Ids are UUIDs of version 7: they sort by the time of their making.
        .orderBy(desc(jobs.id))
        .limit(limit);
      return rows.map(jobOf);
    },

    async ofMessage(platform, channel, message) {
      const [row] = await db
        .select({ jobs })
        .from(messages)
        .innerJoin(jobs, eq(jobs.id, messages.job))
        .where(and(eq(messages.platform, platform), eq(messages.channel, channel), eq(messages.message, message)));
      return row === undefined ? null : jobOf(row.jobs);
    },

    async cancel(id) {
      const outcome = await withJob(db, id, async (tx, locked) => {
        switch (locked.job.status) {
          case 'queued':
            await endWithout(tx, locked, 'cancelled', CANCELLED);
            return 'cancelled';
          case 'running':
            await tx.update(jobs).set({ cancelRequested: true }).where(eq(jobs.id, id));
            return 'stopping';
          default:
            return 'finished';
        }
      });
      return outcome ?? 'unknown';
    },

    async renew(id, { worker, seconds }, done = 0) {
      const [row] = await db
        .update(jobs)
        .set({ leaseUntil: secondsFromNow(seconds), done, doneAt: sql`now()` })
        // Only what runs is locked. Were its status named too, the database might look for it among all that run.
        .where(and(eq(jobs.id, id), eq(jobs.lockedBy, worker)))
        .returning({ cancelled: jobs.cancelRequested });
      return { held: row !== undefined, cancelled: row?.cancelled ?? false };
    },

    async finish(id, worker, pictures, measuredSeconds, spoiler = false) {
      const isDone = await withJob(db, id, async (tx, locked) => {
        if (!isHeldBy(locked, worker)) return false;
        if (!locked.row.cancelRequested) {
          await endDone(tx, locked, { pictures, measuredSeconds, spoiler });
          return true;
        }
        // The person has been told that it is being stopped and costs nothing.
        await endWithout(tx, locked, 'cancelled', CANCELLED);
        return false;
      });
      return isDone ?? false;
    },

    async fail(id, worker, status, failure) {
      const hasEnded = await withJob(db, id, async (tx, locked) => {
        if (!isHeldBy(locked, worker)) return false;
        await endWithout(tx, locked, status, failure);
        return true;
      });
      return hasEnded ?? false;
    },

    async lose(id, failure) {
      await withJob(db, id, async (tx, locked) => {
        if (locked.job.status === 'done') await endLost(tx, locked, failure);
      });
    },

    async withhold(id, failure, claim) {
      const isWithheld = await withJob(db, id, async (tx, locked) => {
        if (locked.job.status !== 'done' || locked.job.failure !== null) return false;
        const isOwed = and(isClaim(id, claim), eq(deliveries.status, 'due'));
        if ((await tx.$count(deliveries, isOwed)) === 0) return false;
        await endUndelivered(tx, locked, failure);
        return true;
      });
      return isWithheld === true;
    },

    async release(id, worker) {
      await withJob(db, id, async (tx, locked) => {
        if (isHeldBy(locked, worker)) await giveUpLease(tx, locked);
      });
    },

    async reclaimExpired() {
      const expired = await db
        .select({ id: jobs.id })
        .from(jobs)
        .where(and(isRunning, sql`${jobs.leaseUntil} < now()`));
      const reclaimed: Job[] = [];
      for (const { id } of expired) {
        const job = await withJob(db, jobIdSchema.parse(id), reclaim);
        if (job !== null) reclaimed.push(job);
      }
      return reclaimed;
    },

    unserved: () => findUnserved(db),
    failUnserved: (unserved) => failUnserved(db, unserved),

    async expireLeases() {
      await db
        .update(jobs)
        .set({ leaseUntil: secondsFromNow(-1) })
        .where(isRunning);
    },

    queueDepth: () => queueDepth(db),
    countWaiting: () => countWaiting(db),

    async replyTo(id) {
      const [row] = await db.select({ replyTo: jobs.replyTo }).from(jobs).where(eq(jobs.id, id));
      return row?.replyTo ?? null;
    },

    async keepReplyTo(id, replyTo, message) {
      await db.update(jobs).set({ replyTo }).where(eq(jobs.id, id));
      if (message !== undefined) await rememberMessage(db, id, message);
    },
  };
}

function isHeldBy({ row }: LockedJob, worker: string): boolean {
  return row.status === 'running' && row.lockedBy === worker;
}

/** A job that nobody draws any more; one that was to be cancelled ends with that. */
async function giveUpLease(tx: SqlDatabase, locked: LockedJob): Promise<void> {
  if (locked.row.cancelRequested) await endWithout(tx, locked, 'cancelled', CANCELLED);
  else await putBack(tx, locked);
}

/** Null where its worker has shown a sign of life, or ended it, after all. */
async function reclaim(tx: SqlDatabase, locked: LockedJob): Promise<Job | null> {
  const { row, job } = locked;
  if (row.status !== 'running' || row.leaseUntil === null) return null;
  const [isExpired] = await tx
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.id, job.id), sql`${jobs.leaseUntil} < now()`));
  if (isExpired === undefined) return null;
  if (row.attempts >= MAX_ATTEMPTS && !row.cancelRequested) await endWithout(tx, locked, 'failed', VANISHED);
  else await giveUpLease(tx, locked);
  return asItIsNow(tx, job.id);
}
