import { createHash } from 'node:crypto';
import { and, eq, gte, inArray, sql } from 'drizzle-orm';
import {
  type EventId,
  type GuildId,
  guildIdSchema,
  type JobId,
  type UserId,
  userIdSchema,
} from '../../commands/ids.ts';
import { type Member, windowAt } from '../../commands/quota.ts';
import type { QuotaState } from '../../commands/services.ts';
import type { QuotaRule, QuotaUnit } from '../../commands/settings.ts';
import type { SqlDatabase } from './database.ts';
import { ledger, usageHours } from './schema.ts';

/** The user under whom a guild's sums stand. */
const WHOLE_GUILD = '';

interface Charge {
  readonly guild: GuildId;
  readonly user: UserId;
  readonly job: JobId;
  /** The moment whose quotas it counts in: that of the reservation, also for what follows it. */
  readonly countedAt: Date;
  readonly pictures: number;
  readonly seconds: number;
}

/** Each of these is written once: a key that is there already changes nothing, and false comes back. */
export function reserve(tx: SqlDatabase, charge: Charge): Promise<boolean> {
  return record(tx, { ...charge, kind: 'reserve', key: `reserve:${charge.job}` });
}

/** What was used beyond the reservation, or (negative) short of it. A job that is settled cannot be refunded any more. */
export function settle(tx: SqlDatabase, difference: Charge): Promise<boolean> {
  return record(tx, { ...difference, kind: 'settle', key: `end:${difference.job}` });
}

/** Gives the whole reservation back. A job that is refunded cannot be settled any more. */
export function refund(tx: SqlDatabase, reserved: Charge): Promise<boolean> {
  const charge = { ...reserved, pictures: -reserved.pictures, seconds: -reserved.seconds };
  return record(tx, { ...charge, kind: 'refund', key: `end:${reserved.job}` });
}

/** Gives back what a settled job was charged, all of it. */
export async function giveBack(tx: SqlDatabase, job: JobId): Promise<void> {
  const entries = await tx.select().from(ledger).where(eq(ledger.job, job));
  const [first] = entries;
  if (first === undefined) return;
  const sum = (unit: 'pictures' | 'seconds'): number => entries.reduce((total, entry) => total + entry[unit], 0);
  const { guild, user, countedAt } = first;
  await record(tx, {
    guild: guildIdSchema.parse(guild),
    user: userIdSchema.parse(user),
    ...{ job, countedAt, kind: 'refund', key: `lost:${job}`, pictures: -sum('pictures'), seconds: -sum('seconds') },
  });
}

export function grant(
  tx: SqlDatabase,
  input: { guild: GuildId; user: UserId; unit: QuotaUnit; amount: number; event: EventId; at: Date },
): Promise<boolean> {
  const { guild, user, unit, amount, event, at } = input;
  const amounts = { pictures: unit === 'pictures' ? amount : 0, seconds: unit === 'seconds' ? amount : 0 };
  return record(tx, {
    guild,
    user,
    ...amounts,
    kind: 'grant',
    key: `grant:${guild}:${event}`,
    job: null,
    countedAt: at,
  });
}

type Entry = Omit<Charge, 'job'> & {
  readonly job: JobId | null;
  readonly kind: 'reserve' | 'settle' | 'refund' | 'grant';
  readonly key: string;
};

async function record(tx: SqlDatabase, entry: Entry): Promise<boolean> {
  const written = await tx.insert(ledger).values(entry).onConflictDoNothing().returning({ id: ledger.id });
  if (written.length === 0) return false;
  const { guild, user, pictures, seconds, countedAt } = entry;
  const hour = startOfHour(countedAt);
  const isGrant = entry.kind === 'grant';
  const amounts = isGrant
    ? { grantedPictures: pictures, grantedSeconds: seconds }
    : { pictures, seconds, grantedPictures: 0, grantedSeconds: 0 };
  // A grant is a member's alone: the guild's quota stays what it is.
  const users = isGrant ? [user] : [WHOLE_GUILD, user];
  await tx
    .insert(usageHours)
    .values(users.map((each) => ({ guild, user: each, hour, ...amounts })))
    .onConflictDoUpdate({
      target: [usageHours.guild, usageHours.user, usageHours.hour],
      set: {
        pictures: sql`${usageHours.pictures} + excluded.pictures`,
        seconds: sql`${usageHours.seconds} + excluded.seconds`,
        grantedPictures: sql`${usageHours.grantedPictures} + excluded.granted_pictures`,
        grantedSeconds: sql`${usageHours.grantedSeconds} + excluded.granted_seconds`,
      },
    });
  return true;
}

/** How far each rule is used. Rolling windows look back in whole hours: the hour in which they begin counts in full. */
export async function quotaStates(
  db: SqlDatabase,
  guild: GuildId,
  member: Member,
  rules: readonly QuotaRule[],
  now: Date,
): Promise<readonly QuotaState[]> {
  const states: QuotaState[] = [];
  for (const rule of rules) {
    const { from, resetsAt } = windowAt(rule.window, now);
    const users = rule.subject.kind === 'guild' ? [WHOLE_GUILD] : [member.user, forgottenName(member.user)];
    const [sums] = await db
      .select({
        pictures: sql`sum(${usageHours.pictures} - ${usageHours.grantedPictures})`.mapWith(Number),
        seconds: sql`sum(${usageHours.seconds} - ${usageHours.grantedSeconds})`.mapWith(Number),
      })
      .from(usageHours)
      .where(
        and(eq(usageHours.guild, guild), inArray(usageHours.user, users), gte(usageHours.hour, startOfHour(from))),
      );
    states.push({ rule, used: sums?.[rule.unit] ?? 0, resetsAt });
  }
  return states;
}

/**
 * The name that sums keep when their member is forgotten: it says nothing, yet the same person finds the same quota used up,
 * so that being forgotten is no way to draw without end.
 */
export function forgottenName(user: UserId): string {
  return `forgotten-${createHash('sha256').update(user).digest('hex').slice(0, 16)}`;
}

function startOfHour(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / 3_600_000) * 3_600_000);
}
