import { and, eq, inArray, not, type SQL, sql } from 'drizzle-orm';
import { jobIdSchema, type UserId } from '../../commands/ids.ts';
import type { Work } from '../../commands/job.ts';
import { impersonal } from '../../commands/recipe.ts';
import { isUnfinished } from './conditions.ts';
import type { SqlDatabase } from './database.ts';
import { endWithout, withJob } from './end.ts';
import { forgottenName } from './ledger.ts';
import { dropUnused, ofNoPicture } from './pictures.ts';
import { releaseBlobs } from './released-blobs.ts';
import { type JobRow, jobOf } from './rows.ts';
import {
  deliveries,
  jobs,
  ledger,
  memberShares,
  pageMembers,
  pictures,
  preferences,
  turns,
  usageHours,
} from './schema.ts';
import type { PeopleStore } from './store.ts';

export function peopleStore(db: SqlDatabase, eraseDeleted: () => Promise<void> = async () => {}): PeopleStore {
  return {
    async forget({ platform, user }) {
      const isTheirs = and(eq(jobs.platform, platform), eq(jobs.user, user), not(jobs.forgotten));
      const unfinished = await db.select({ id: jobs.id }).from(jobs).where(and(isTheirs, isUnfinished));
      // Refunded first, each under its guild's lock; a worker that draws one finds its lease gone.
      for (const { id } of unfinished) {
        await withJob(db, jobIdSchema.parse(id), async (tx, locked) => {
          const { status } = locked.job;
          if (status === 'queued' || status === 'running') await endWithout(tx, locked, 'cancelled', null);
        });
      }
      const forgotten = await db.transaction(async (tx) => {
        const ids = tx.select({ id: jobs.id }).from(jobs).where(isTheirs);
        const gone = await tx.delete(pictures).where(inArray(pictures.job, ids)).returning();
        const owed = await scrubOwed(tx, isTheirs);
        // Not what was asked for meanwhile: that waits, and is counted as waiting.
        const asked = [
          ...owed,
          ...(await tx
            .delete(jobs)
            .where(and(isTheirs, not(isUnfinished)))
            .returning()),
        ];
        const theirs = [...gone.flatMap(({ blob, handoff }) => [blob, handoff]), ...asked.flatMap(blobsOf)];
        await dropUnused(
          tx,
          gone.map(({ recipe }) => recipe),
          [],
        );
        // Also what others have drawn from: they keep what they drew, not what they drew it from.
        const orphans = await ofNoPicture(tx, theirs);
        await releaseBlobs(tx, orphans, 'forgotten');
        await tx.delete(preferences).where(eq(preferences.user, user));
        await tx.delete(memberShares).where(and(eq(memberShares.user, user), eq(memberShares.waiting, 0)));
        if (platform === 'web') {
          await tx.delete(turns).where(eq(turns.user, user));
          // Whether they are let in stays; what they are called goes.
          await tx.update(pageMembers).set({ name: null }).where(eq(pageMembers.user, user));
        }
        await takeNameAway(tx, user);
        return { pictures: gone.length, jobs: asked.length, blobs: orphans };
      });
      await eraseDeleted();
      return forgotten;
    },
  };
}

/** Jobs whose message is still owed lose their words, and go when a placeholder has been told what became of it. */
async function scrubOwed(tx: SqlDatabase, isTheirs: SQL | undefined): Promise<readonly JobRow[]> {
  const isOwed = inArray(
    jobs.id,
    tx.select({ job: deliveries.job }).from(deliveries).where(eq(deliveries.status, 'due')),
  );
  const owed = await tx.select().from(jobs).where(and(isTheirs, isOwed));
  for (const row of owed) {
    const { work } = jobOf(row);
    const wordless: Work = { ...work, recipe: impersonal(work.recipe) };
    await tx
      .update(jobs)
      .set({ work: wordless, failure: null, initBlob: null, maskBlob: null, forgotten: true })
      .where(eq(jobs.id, row.id));
  }
  return owed;
}

function blobsOf({ initBlob, maskBlob }: JobRow): readonly (string | null)[] {
  return [initBlob, maskBlob];
}

/** The sums stay, so that the guild's quotas remain true. */
async function takeNameAway(tx: SqlDatabase, user: UserId): Promise<void> {
  const name = forgottenName(user);
  await tx.update(ledger).set({ user: name }).where(eq(ledger.user, user));
  await tx.execute(sql`
    with named as (delete from ${usageHours} where user_id = ${user} returning *)
    insert into ${usageHours} (guild, user_id, hour, pictures, seconds, granted_pictures, granted_seconds)
    select guild, ${name}, hour, pictures, seconds, granted_pictures, granted_seconds from named
    on conflict (guild, user_id, hour) do update set
      pictures = usage_hours.pictures + excluded.pictures,
      seconds = usage_hours.seconds + excluded.seconds,
      granted_pictures = usage_hours.granted_pictures + excluded.granted_pictures,
      granted_seconds = usage_hours.granted_seconds + excluded.granted_seconds`);
}
