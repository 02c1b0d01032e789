import { and, desc, eq, sql } from 'drizzle-orm';
import type { Job } from '../../commands/job.ts';
import { type SqlDatabase, secondsFromNow } from './database.ts';
import { readMode } from './mode.ts';
import { jobOf } from './rows.ts';
import { jobs } from './schema.ts';
import { nextMember, serve } from './shares.ts';
import type { Lease } from './store.ts';

/**
 * The job whose turn it is, now running under the lease; null where none waits or an operator has paused. A guild that was about to be picked may lose
 * its last job to a cancellation meanwhile: then the next one is looked for.
 */
export async function takeNext(db: SqlDatabase, lease: Lease): Promise<Job | null> {
  if ((await readMode(db)) === 'paused') return null;
  for (;;) {
    const taken = await db.transaction((tx) => take(tx, lease));
    if (taken !== null) return taken;
    const [waiting] = await db.select({ id: jobs.id }).from(jobs).where(sql`${jobs.status} = 'queued'`).limit(1);
    if (waiting === undefined) return null;
  }
}

async function take(tx: SqlDatabase, { worker, seconds }: Lease): Promise<Job | null> {
  const next = await nextMember(tx);
  if (next === null) return null;
  const { guild, user } = next;
  const [waiting] = await tx
    .select({ id: jobs.id, reservedSeconds: jobs.reservedSeconds })
    .from(jobs)
    .where(and(sql`${jobs.status} = 'queued'`, eq(jobs.guild, guild.guild), eq(jobs.user, user)))
    .orderBy(desc(jobs.priority), jobs.id)
    .limit(1);
  if (waiting === undefined) return null;
  const [row] = await tx
    .update(jobs)
    .set({
      status: 'running',
      attempts: sql`${jobs.attempts} + 1`,
      lockedBy: worker,
      leaseUntil: secondsFromNow(seconds),
      startedAt: sql`now()`,
    })
    .where(eq(jobs.id, waiting.id))
    .returning();
  await serve(tx, guild, user, waiting.reservedSeconds);
  return row === undefined ? null : jobOf(row);
}
