import { and, eq, type InferSelectModel, ne, type SQL, sql } from 'drizzle-orm';
import type { GuildId, UserId } from '../../commands/ids.ts';
import type { SqlDatabase } from './database.ts';
import { guildShares, jobs, memberShares, shareClock } from './schema.ts';

/**
 * The fair share in SQL: fair-share.ts says what it means. A guild's row is the lock of everything that changes the guild's
 * jobs: every transaction takes it first, so none waits for another in a circle. Only a pick holds the clock, before it.
 */
export type GuildShareRow = InferSelectModel<typeof guildShares>;

const here = (guild: string, user: string) => and(eq(memberShares.guild, guild), eq(memberShares.user, user));

/** Locks a guild until the transaction ends; makes its row where it is new. */
export async function lockGuild(tx: SqlDatabase, guild: GuildId): Promise<GuildShareRow> {
  const [row] = await tx
    .insert(guildShares)
    .values({ guild, virtualSeconds: 0, turnAt: sql`clock_timestamp()` })
    .onConflictDoUpdate({ target: guildShares.guild, set: { guild: sql`excluded.guild` } })
    .returning();
  if (row === undefined) throw new Error('A row that was inserted or updated was not returned.');
  return row;
}

/**
 * Where a newcomer joins: at the clock, but not behind all who wait. The clock may be ahead of them, where jobs that were
 * served took less than they had been charged by then.
 */
function joiningTime(clock: SQL, leastWaiting: SQL): SQL {
  return sql`least(${clock}, ${leastWaiting})`;
}

/** Of a guild's row, once the job that the change is about is queued, or is no more. */
const waitingSince = sql`(
  select min(${jobs.createdAt}) from ${jobs} where ${jobs.status} = 'queued' and ${jobs.guild} = ${guildShares.guild})`;

/** Counts what waits of a guild and its members from the jobs themselves; whether any sum was wrong. */
export async function recountWaiting(tx: SqlDatabase, guild: GuildId): Promise<boolean> {
  const before = await lockGuild(tx, guild);
  const ofGuild = sql`from ${jobs} where ${jobs.status} = 'queued' and ${jobs.guild} = ${guild}`;
  const [after] = await tx
    .update(guildShares)
    .set({
      waiting: sql`(select count(*)::int ${ofGuild})`,
      waitingSeconds: sql`(select coalesce(sum(reserved_seconds), 0) ${ofGuild})`,
      waitingSince,
    })
    .where(eq(guildShares.guild, guild))
    .returning();
  const ofMember = sql`${ofGuild} and ${jobs.user} = ${memberShares.user}`;
  const counted = sql<number>`(select count(*)::int ${ofMember})`;
  const members = await tx
    .update(memberShares)
    .set({ waiting: counted, waitingSeconds: sql`(select coalesce(sum(reserved_seconds), 0) ${ofMember})` })
    .where(and(eq(memberShares.guild, guild), ne(memberShares.waiting, counted)))
    .returning({ user: memberShares.user });
  return after?.waiting !== before.waiting || members.length > 0;
}

/** A job begins to wait, by its row already. */
export async function beginWaiting(
  tx: SqlDatabase,
  guild: GuildShareRow,
  user: UserId,
  seconds: number,
): Promise<void> {
  const joining = joiningTime(
    sql`(select virtual_seconds from ${shareClock})`,
    sql`(select min(virtual_seconds) from ${guildShares} where waiting > 0)`,
  );
  await tx
    .update(guildShares)
    .set({
      virtualSeconds: sql`case when ${guildShares.waiting} = 0
        then greatest(${guildShares.virtualSeconds}, ${joining}) else ${guildShares.virtualSeconds} end`,
      turnAt: sql`case when ${guildShares.waiting} = 0 then clock_timestamp() else ${guildShares.turnAt} end`,
      waiting: sql`${guildShares.waiting} + 1`,
      waitingSeconds: sql`${guildShares.waitingSeconds} + ${seconds}`,
      waitingSince,
    })
    .where(eq(guildShares.guild, guild.guild));
  const joiningMembers = joiningTime(
    sql`${guild.memberClock}::float8`,
    sql`(select min(virtual_seconds) from ${memberShares} where guild = ${guild.guild} and waiting > 0)`,
  );
  await tx
    .insert(memberShares)
    .values({
      guild: guild.guild,
      user,
      virtualSeconds: joiningMembers,
      waiting: 1,
      waitingSeconds: seconds,
      turnAt: sql`clock_timestamp()`,
    })
    .onConflictDoUpdate({
      target: [memberShares.guild, memberShares.user],
      set: {
        virtualSeconds: sql`case when ${memberShares.waiting} = 0
          then greatest(${memberShares.virtualSeconds}, ${joiningMembers}) else ${memberShares.virtualSeconds} end`,
        turnAt: sql`case when ${memberShares.waiting} = 0 then clock_timestamp() else ${memberShares.turnAt} end`,
        waiting: sql`${memberShares.waiting} + 1`,
        waitingSeconds: sql`${memberShares.waitingSeconds} + ${seconds}`,
      },
    });
}

/** A job waits no more, by its row already, and was not served either. */
export async function stopWaiting(tx: SqlDatabase, guild: GuildId, user: UserId, seconds: number): Promise<void> {
  await tx
    .update(guildShares)
    .set({ ...oneLess(guildShares, seconds), waitingSince })
    .where(eq(guildShares.guild, guild));
  await tx.update(memberShares).set(oneLess(memberShares, seconds)).where(here(guild, user));
}

/** Keeps others from picking until the transaction ends. */
export async function lockClock(tx: SqlDatabase): Promise<void> {
  await tx.select().from(shareClock).for('update');
}

/** Whoever's turn it is waits on, while others are served for so many seconds. */
export async function passOver(tx: SqlDatabase, guild: string, user: string, seconds: number): Promise<void> {
  await tx
    .update(memberShares)
    .set({ passedSeconds: sql`${memberShares.passedSeconds} + ${seconds}` })
    .where(here(guild, user));
}

/** A job that waited is served, by its row already: both levels are charged, and the clocks stand where the served ones stood. */
export async function serve(tx: SqlDatabase, guild: GuildShareRow, user: string, seconds: number): Promise<void> {
  const start = tx.select({ at: memberShares.virtualSeconds }).from(memberShares).where(here(guild.guild, user));
  await tx.update(shareClock).set({
    virtualSeconds: sql`greatest(${shareClock.virtualSeconds}, ${guild.virtualSeconds})`,
  });
  await tx
    .update(guildShares)
    .set({
      ...oneLess(guildShares, seconds),
      waitingSince,
      memberClock: sql`greatest(${guildShares.memberClock}, (${start}))`,
      virtualSeconds: sql`${guildShares.virtualSeconds} + ${seconds / guild.weight}`,
      turnAt: sql`clock_timestamp()`,
    })
    .where(eq(guildShares.guild, guild.guild));
  await tx
    .update(memberShares)
    .set({
      ...oneLess(memberShares, seconds),
      virtualSeconds: sql`${memberShares.virtualSeconds} + ${seconds}`,
      turnAt: sql`clock_timestamp()`,
      passedSeconds: 0,
    })
    .where(here(guild.guild, user));
}

/** What a served job took turned out to be more (or, negative, less) than it was charged. */
export async function chargeMore(tx: SqlDatabase, guild: GuildShareRow, user: UserId, seconds: number): Promise<void> {
  await tx
    .update(guildShares)
    .set({ virtualSeconds: sql`${guildShares.virtualSeconds} + ${seconds / guild.weight}` })
    .where(eq(guildShares.guild, guild.guild));
  await tx
    .update(memberShares)
    .set({ virtualSeconds: sql`${memberShares.virtualSeconds} + ${seconds}` })
    .where(here(guild.guild, user));
}

/** At zero the sum is set to zero: additions and subtractions of fractions leave a rest. */
function oneLess(table: typeof guildShares | typeof memberShares, seconds: number) {
  return {
    waiting: sql`${table.waiting} - 1`,
    waitingSeconds: sql`case when ${table.waiting} = 1 then 0 else ${table.waitingSeconds} - ${seconds} end`,
  };
}
