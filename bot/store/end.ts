import { eq, sql } from 'drizzle-orm';
import { guildIdSchema, type JobId, type RecipeId } from '../../commands/ids.ts';
import { type Job, type JobFailure, pictureCount, workRecipe } from '../../commands/job.ts';
import { isSameRecipe, type Recipe, recipeIds, recipeSchema } from '../../commands/recipe.ts';
import type { SqlDatabase } from './database.ts';
import { giveBack, refund, settle } from './ledger.ts';
import { learnRates } from './rates.ts';
import { type JobRow, jobOf } from './rows.ts';
import { deliveries, jobs, pictures, recipes } from './schema.ts';
import { beginWaiting, chargeMore, type GuildShareRow, lockGuild, stopWaiting } from './shares.ts';
import type { FinishedPicture } from './store.ts';

/** A job under its guild's lock, as it is now. */
export interface LockedJob {
  readonly row: JobRow;
  readonly job: Job;
  readonly share: GuildShareRow;
}

/** Runs a step of a job's life in a transaction, alone with the job; null where there is no such job. */
export function withJob<T>(
  db: SqlDatabase,
  id: JobId,
  step: (tx: SqlDatabase, locked: LockedJob) => Promise<T>,
): Promise<T | null> {
  return db.transaction(async (tx) => {
    const [found] = await tx.select({ guild: jobs.guild }).from(jobs).where(eq(jobs.id, id));
    if (found === undefined) return null;
    const share = await lockGuild(tx, guildIdSchema.parse(found.guild));
    const [row] = await tx.select().from(jobs).where(eq(jobs.id, id)).for('update');
    return row === undefined ? null : step(tx, { row, job: jobOf(row), share });
  });
}

/** After a step of its life. */
export async function asItIsNow(tx: SqlDatabase, id: JobId): Promise<Job | null> {
  const [row] = await tx.select().from(jobs).where(eq(jobs.id, id));
  return row === undefined ? null : jobOf(row);
}

/** The end of a job that is done: its pictures, the settlement by measured seconds, and its delivery made due. */
export async function endDone(
  tx: SqlDatabase,
  { job, share }: LockedJob,
  end: { readonly pictures: readonly FinishedPicture[]; readonly measuredSeconds: number; readonly spoiler: boolean },
): Promise<void> {
  const { guild, user } = job.origin;
  const { pictures: finished, measuredSeconds } = end;
  for (const picture of finished) await insertPicture(tx, job, picture);
  await setStatus(tx, job.id, { status: 'done', measuredSeconds, spoiler: job.spoiler || end.spoiler });
  const surplus = measuredSeconds - job.reservedSeconds;
  await chargeMore(tx, share, user, surplus);
  const missing = finished.length - pictureCount(job.work);
  await settle(tx, { guild, user, job: job.id, countedAt: job.createdAt, pictures: missing, seconds: surplus });
  await learnRates(tx, job.work, finished);
  await makeDue(tx, job.id);
}

/** The end of a job that comes to nothing: the reservation given back, and its delivery (why) made due. */
export async function endWithout(
  tx: SqlDatabase,
  { job }: LockedJob,
  status: 'failed' | 'cancelled',
  failure: JobFailure | null,
): Promise<void> {
  const { guild, user } = job.origin;
  const { id, reservedSeconds: seconds } = job;
  await setStatus(tx, id, { status, failure });
  if (job.status === 'queued') await stopWaiting(tx, guild, user, seconds);
  await refund(tx, { guild, user, job: id, countedAt: job.createdAt, pictures: pictureCount(job.work), seconds });
  await makeDue(tx, id);
}

/**
 * A job that was done, but whose pictures are gone before anybody had them: it comes to nothing after all, its charge is
 * given back, and the delivery that is due says why.
 */
export async function endLost(tx: SqlDatabase, { job }: LockedJob, failure: JobFailure): Promise<void> {
  await tx.delete(pictures).where(eq(pictures.job, job.id));
  await tx.update(jobs).set({ status: 'failed', failure, measuredSeconds: null }).where(eq(jobs.id, job.id));
  await giveBack(tx, job.id);
}

/** A job whose pictures its platform takes nowhere: they stay, cost nothing, and the delivery that is due says so. */
export async function endUndelivered(tx: SqlDatabase, { job }: LockedJob, failure: JobFailure): Promise<void> {
  await tx.update(jobs).set({ failure, measuredSeconds: 0 }).where(eq(jobs.id, job.id));
  await giveBack(tx, job.id);
}

/** A running job goes back in line: the oldest of its member's, so the first, and nobody is charged for what was begun. */
export async function putBack(tx: SqlDatabase, { job, share }: LockedJob): Promise<void> {
  const { user } = job.origin;
  await tx
    .update(jobs)
    .set({ status: 'queued', lockedBy: null, leaseUntil: null, startedAt: null })
    .where(eq(jobs.id, job.id));
  await beginWaiting(tx, share, user, job.reservedSeconds);
  await chargeMore(tx, share, user, -job.reservedSeconds);
}

async function insertPicture(tx: SqlDatabase, job: Job, picture: FinishedPicture): Promise<void> {
  const recipe = workRecipe(job.work, picture.index);
  const id = await keepRecipe(tx, recipe);
  const { guild, user } = job.origin;
  await tx.insert(pictures).values({ ...picture, job: job.id, recipe: id, guild, user, createdAt: new Date() });
}

/** The id that a recipe has from now on: never that of another recipe. */
async function keepRecipe(tx: SqlDatabase, recipe: Recipe): Promise<RecipeId> {
  for (const id of recipeIds(recipe)) {
    await tx.insert(recipes).values({ id, recipe }).onConflictDoNothing();
    // Locked: who forgets or removes the last picture of it takes it away.
    const [row] = await tx.select().from(recipes).where(eq(recipes.id, id)).for('update');
    const kept = recipeSchema.safeParse(row?.recipe);
    if (kept.success && isSameRecipe(kept.data, recipe)) return id;
  }
  throw new Error('Two recipes have the same 130 bits of their digests.');
}

async function setStatus(
  tx: SqlDatabase,
  id: JobId,
  end: {
    status: 'done' | 'failed' | 'cancelled';
    measuredSeconds?: number;
    spoiler?: boolean;
    failure?: JobFailure | null;
  },
): Promise<void> {
  const cleared = { lockedBy: null, leaseUntil: null, finishedAt: sql`now()` };
  await tx
    .update(jobs)
    .set({ ...end, ...cleared })
    .where(eq(jobs.id, id));
}

async function makeDue(tx: SqlDatabase, id: JobId): Promise<void> {
  await tx
    .update(deliveries)
    .set({ status: 'due', dueAt: sql`now()`, sequence: sql`nextval('easel.delivery_sequence')` })
    .where(eq(deliveries.job, id));
}
