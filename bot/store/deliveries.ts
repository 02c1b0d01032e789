import { and, eq, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type JobId, jobIdSchema } from '../../commands/ids.ts';
import { rowsOf, type SqlDatabase, secondsFromNow } from './database.ts';
import { rememberMessage } from './messages.ts';
import { pictureStore } from './pictures.ts';
import { jobOf } from './rows.ts';
import { deliveries, jobs } from './schema.ts';
import type { DeliveryStore, OwedDelivery } from './store.ts';

/** A delivery that has failed this often lets the later ones of its channel pass. */
const PATIENCE = 5;

export function deliveryStore(db: SqlDatabase): DeliveryStore {
  return {
    async claimDue(platforms, limit, leaseSeconds, process = '') {
      if (platforms.length === 0) return [];
      // Counted when it is begun: one that ends its process every time is given up in the end, too.
      const claimed = await rowsOf(
        db,
        z.object({ job: jobIdSchema }),
        // The choice is made once, before: as a part of the update's condition it might be made anew for every row.
        sql`
          with chosen as materialized (
            select d.job from ${deliveries} d
            where d.status = 'due' and d.platform in ${platforms} and d.due_at <= now()
              and (d.lease_until is null or d.lease_until < now())
              and (d.shown_by is null or d.shown_by = ${process} or d.shown_until < now())
              and not exists (
                select from ${deliveries} earlier
                where earlier.status = 'due' and earlier.platform = d.platform and earlier.channel = d.channel
                  and earlier.sequence < d.sequence
                  and (earlier.attempts < ${PATIENCE} or earlier.lease_until >= now())
              )
            order by d.sequence limit ${limit} for update skip locked
          )
          update ${deliveries} set lease_until = ${secondsFromNow(leaseSeconds)}, attempts = attempts + 1
          where job in (select job from chosen)
          returning job`,
      );
      return owed(
        db,
        claimed.map(({ job }) => job),
      );
    },

    async claimShowing(wanted, process, leaseSeconds) {
      if (wanted.length === 0) return [];
      const isFree = or(
        isNull(deliveries.shownBy),
        eq(deliveries.shownBy, process),
        sql`${deliveries.shownUntil} < now()`,
      );
      const held = await db
        .update(deliveries)
        .set({ shownBy: process, shownUntil: secondsFromNow(leaseSeconds) })
        .where(and(inArray(deliveries.job, [...wanted]), eq(deliveries.status, 'waiting'), isFree))
        .returning({ job: deliveries.job });
      return held.map(({ job }) => jobIdSchema.parse(job));
    },

    async expireClaims() {
      await db
        .update(deliveries)
        .set({ leaseUntil: null, shownBy: null, shownUntil: null })
        .where(or(isNotNull(deliveries.leaseUntil), isNotNull(deliveries.shownBy)));
    },

    async releaseShowing(process, job) {
      const isMeant = job === undefined ? undefined : eq(deliveries.job, job);
      await db
        .update(deliveries)
        .set({ shownBy: null, shownUntil: null })
        .where(and(eq(deliveries.shownBy, process), isMeant));
    },

    async renewClaims(claimed, leaseSeconds, claims) {
      if (claimed.length === 0) return;
      const isHeld = or(...claimed.map((job) => isClaim(job, claims?.get(job))));
      await db
        .update(deliveries)
        .set({ leaseUntil: secondsFromNow(leaseSeconds) })
        .where(and(isHeld, eq(deliveries.status, 'due'), isNotNull(deliveries.leaseUntil)));
    },

    async savePartial(job, partial, claim) {
      await db.update(deliveries).set({ partial }).where(isClaim(job, claim));
    },

    async delivered(job, message, claim) {
      await db.transaction(async (tx) => {
        const settled = await tx
          .update(deliveries)
          .set({ status: 'delivered', leaseUntil: null, partial: null, reason: null })
          .where(isClaim(job, claim))
          .returning({ job: deliveries.job });
        if (settled.length === 0) return;
        await rememberMessage(tx, job, message);
        await dropForgotten(tx, job);
      });
    },

    async retryLater(job, seconds, reason, claim) {
      await db
        .update(deliveries)
        .set({ dueAt: secondsFromNow(seconds), leaseUntil: null, reason })
        .where(isClaim(job, claim));
    },

    async refused(job, reason, claim) {
      const settled = await db
        .update(deliveries)
        .set({ status: 'refused', leaseUntil: null, reason })
        .where(isClaim(job, claim))
        .returning({ job: deliveries.job });
      if (settled.length > 0) await dropForgotten(db, job);
    },

    countOwed: () => db.$count(deliveries, sql`${deliveries.status} = 'due'`),

    async nextDueInSeconds() {
      const [row] = await rowsOf(
        db,
        z.object({ seconds: z.coerce.number().nullable() }),
        sql`select extract(epoch from min(greatest(due_at, coalesce(lease_until, due_at))) - now()) as seconds
          from ${deliveries} where status = 'due'`,
      );
      return row?.seconds == null ? null : Math.max(0, row.seconds);
    },
  };
}

/** A delivery, as long as nobody has claimed it anew: its tries count its claims. */
export function isClaim(job: JobId, claim: number | undefined): SQL | undefined {
  return and(eq(deliveries.job, job), claim === undefined ? undefined : eq(deliveries.attempts, claim));
}

/** A forgotten person's job was kept only for the message that its placeholder waited for. */
async function dropForgotten(db: SqlDatabase, job: JobId): Promise<void> {
  await db.delete(jobs).where(and(eq(jobs.id, job), jobs.forgotten));
}

async function owed(db: SqlDatabase, ids: readonly JobId[]): Promise<readonly OwedDelivery[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select()
    .from(deliveries)
    .innerJoin(jobs, eq(jobs.id, deliveries.job))
    .where(and(inArray(deliveries.job, [...ids])))
    .orderBy(deliveries.sequence);
  const pictures = pictureStore(db);
  return Promise.all(
    rows.map(async ({ deliveries: delivery, jobs: row }) => {
      const job = jobOf(row);
      return {
        job,
        locale: row.locale,
        pictures: await pictures.ofJob(job.id),
        replyTo: row.replyTo,
        nonce: nonceOf(job.id),
        partial: delivery.partial,
        attempts: delivery.attempts - 1,
        claim: delivery.attempts,
      };
    }),
  );
}

/** The job's 16 bytes in 22 characters: Discord takes nonces of 25. */
function nonceOf(job: JobId): string {
  return Buffer.from(job.replaceAll('-', ''), 'hex').toString('base64url');
}
