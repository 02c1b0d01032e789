import { and, desc, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { type GuildId, type JobId, jobIdSchema, type UserId } from '../../commands/ids.ts';
import { type Job, modelOf, pictureCount } from '../../commands/job.ts';
import { messagesFor } from '../../commands/locale/index.ts';
import { needKey, needsOf } from '../../commands/needs.ts';
import { decide, type Member, type MemberUsage, type Price, type Refusal, refusalError } from '../../commands/quota.ts';
import { priceOf, roundsOf } from '../../commands/quote.ts';
import type { Accepted, AcceptInput } from '../../commands/services.ts';
import type { GuildSettings } from '../../commands/settings.ts';
import { currentTrace } from '../tracing/spans.ts';
import { quotasBinding, settingsBinding } from './binding.ts';
import { isUnfinished } from './conditions.ts';
import type { SqlDatabase } from './database.ts';
import { forgottenName, reserve } from './ledger.ts';
import { aheadOfNewest, workInHand } from './place.ts';
import { knownRates } from './rates.ts';
import { jobOf } from './rows.ts';
import { deliveries, jobs, ledger } from './schema.ts';
import { beginWaiting, lockGuild } from './shares.ts';
import { outlookOf } from './waiting.ts';

/** A line of so many jobs is looked at job by job; of a longer one only its sums, so that a rush is answered in time. */
const PLAYED_THROUGH = 100;

/** One transaction, under the guild's lock: see `JobStore.accept`. */
export function accept(db: SqlDatabase, input: AcceptInput, now: Date): Promise<Accepted> {
  const { origin, actor, work } = input;
  return db.transaction(async (tx) => {
    const share = await lockGuild(tx, origin.guild);
    const price = { pictures: pictureCount(work), seconds: priceOf(work, await knownRates(tx, work)) };
    const settings = await settingsBinding(tx, origin);
    const member = { user: origin.user, roles: actor.roles };
    const usage = await usageOf(tx, input, settings, member, now);
    const refusal = decide(settings, member, usage, price, now);
    const job = refusal === null ? await insertJob(tx, input, price, now) : null;
    if (job === null) return acceptAgain(tx, input, refusal);

    const { guild, user, platform, channel } = origin;
    await beginWaiting(tx, share, user, price.seconds);
    await reserve(tx, { guild, user, job: job.id, countedAt: now, ...price });
    await tx.insert(deliveries).values({ job: job.id, platform, channel, status: 'waiting' });
    return { ...(await outlook(tx, job)), job, repeated: false };
  });
}

/** Throws a `UserError` where `accept` would refuse this now; an event that has its job already is let through. */
export async function requireRoom(
  db: SqlDatabase,
  input: Pick<AcceptInput, 'origin' | 'actor' | 'work'>,
  now: Date,
): Promise<void> {
  const { origin, actor, work } = input;
  const isKnown = and(eq(jobs.platform, origin.platform), eq(jobs.event, origin.event));
  if ((await db.$count(jobs, isKnown)) > 0) return;
  const price = { pictures: pictureCount(work), seconds: priceOf(work, await knownRates(db, work)) };
  const settings = await settingsBinding(db, origin);
  const member = { user: origin.user, roles: actor.roles };
  const refusal = decide(settings, member, await usageOf(db, input, settings, member, now), price, now);
  if (refusal !== null) throw refusalError(refusal, messagesFor(actor.locale));
}

/** What an event that comes again was given, whatever the quotas say by now; a new one that is refused is refused here. */
async function acceptAgain(
  tx: SqlDatabase,
  { origin, actor }: AcceptInput,
  refusal: Refusal | null,
): Promise<Accepted> {
  const [row] = await tx
    .select()
    .from(jobs)
    .where(and(eq(jobs.platform, origin.platform), eq(jobs.event, origin.event)));
  if (row !== undefined) {
    const job = jobOf(row);
    return { ...(await outlook(tx, job)), job, repeated: true };
  }
  if (refusal !== null) throw refusalError(refusal, messagesFor(actor.locale));
  throw new Error('A job was neither inserted nor there.');
}

async function usageOf(
  tx: SqlDatabase,
  { origin }: Pick<AcceptInput, 'origin'>,
  settings: GuildSettings,
  member: Member,
  now: Date,
): Promise<MemberUsage> {
  const { guild } = origin;
  const mine = and(eq(jobs.guild, guild), eq(jobs.user, member.user));
  const unfinished = await tx.$count(jobs, and(mine, isUnfinished));
  const newest = tx.select({ at: jobs.createdAt }).from(jobs).where(mine).orderBy(desc(jobs.id)).limit(1);
  const [last] =
    settings.cooldownSeconds === 0 ? [] : [...(await newest), ...(await beforeForgotten(tx, guild, member.user))];
  const quotas = await quotasBinding(tx, origin, member, now);
  return { quotas, unfinished, lastRequestAt: last?.at ?? null };
}

/** Null where the event is known. */
async function insertJob(tx: SqlDatabase, input: AcceptInput, price: Price, now: Date): Promise<Job | null> {
  const { origin, actor, work, visibility, spoiler, replyTo } = input;
  const [row] = await tx
    .insert(jobs)
    .values({
      ...origin,
      id: newJobId(),
      locale: actor.locale,
      work,
      model: modelOf(work),
      needs: needsOf(work).map(needKey),
      status: 'queued',
      visibility,
      spoiler,
      replyTo,
      trace: currentTrace(),
      reservedSeconds: price.seconds,
      rounds: roundsOf(work),
      initBlob: work.recipe.init?.picture ?? null,
      maskBlob: work.recipe.mask ?? null,
      createdAt: now,
    })
    .onConflictDoNothing({ target: [jobs.platform, jobs.event] })
    .returning();
  return row === undefined ? null : jobOf(row);
}

/** When somebody asked last before they were forgotten: being forgotten is no way around a cooldown. */
function beforeForgotten(tx: SqlDatabase, guild: GuildId, user: UserId): Promise<readonly { at: Date }[]> {
  const theirs = and(eq(ledger.guild, guild), eq(ledger.user, forgottenName(user)));
  return tx.select({ at: ledger.countedAt }).from(ledger).where(theirs).orderBy(desc(ledger.countedAt)).limit(1);
}

/** When a job that has just been accepted will be there. */
async function outlook(tx: SqlDatabase, job: Job): Promise<Pick<Accepted, 'place' | 'expectedSeconds'>> {
  if (job.status !== 'queued') return { place: 0, expectedSeconds: job.status === 'running' ? job.reservedSeconds : 0 };
  const inHand = await workInHand(tx);
  const exact = inHand.waiting <= PLAYED_THROUGH ? await outlookOf(tx, job.id, PLAYED_THROUGH) : null;
  if (exact !== null) return { place: exact.place, expectedSeconds: exact.expectedSeconds };
  const ahead = await aheadOfNewest(tx, job.origin.guild, job.origin.user, job.reservedSeconds);
  return {
    place: Math.round(ahead.count),
    expectedSeconds: (ahead.seconds + inHand.seconds) / inHand.workers + job.reservedSeconds,
  };
}

function newJobId(): JobId {
  return jobIdSchema.parse(uuidv7());
}
