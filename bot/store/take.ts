import { and, eq, inArray, isNull, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type GuildId, guildIdSchema } from '../../commands/ids.ts';
import type { Job } from '../../commands/job.ts';
import { rowsOf, type SqlDatabase, secondsFromNow } from './database.ts';
import { isHeld } from './extras.ts';
import { readMode } from './mode.ts';
import { jobOf } from './rows.ts';
import { guildShares, jobs, memberShares } from './schema.ts';
import { lockClock, lockGuild, passOver, recountWaiting, serve } from './shares.ts';
import type { Lease, Member, WorkerModels } from './store.ts';

/**
 * How long the others may draw in a member's turn, in compute seconds. A worker prefers jobs of models that it has
 * loaded, because loading another costs everybody seconds; but nobody's turn comes later by more than this.
 */
const MAX_PASSED_SECONDS = 30;

/** Looks at whose turn it is before the sums are counted anew; then once more. */
const MAX_ATTEMPTS = 3;

/**
 * The job whose turn it is, now running under the lease; null where none waits that these models can do, or an operator
 * has paused. One that was about to be picked may be cancelled meanwhile: then the next one is looked for, a few times.
 * `onDrift` hears of a guild whose sums had to be counted anew.
 */
export async function takeNext(
  db: SqlDatabase,
  lease: Lease,
  models: WorkerModels | undefined,
  busy: readonly Member[],
  onDrift: (guild: GuildId) => void,
): Promise<Job | null> {
  if ((await readMode(db)) === 'paused') return null;
  const isOffered = models && isWithin(lease.worker, models.offered);
  for (let attempt = 1; ; attempt++) {
    const taken = await db.transaction((tx) => take(tx, lease, models, busy));
    if (taken !== null) return taken;
    const [waiting] = await db
      .select({ guild: jobs.guild })
      .from(jobs)
      .where(and(sql`${jobs.status} = 'queued'`, isOffered, isNoneOf(busy, jobs.guild, jobs.user)))
      .limit(1);
    if (waiting === undefined || attempt > MAX_ATTEMPTS) return null;
    // A job waits, and yet it is nobody's turn, time and again: the sums of what waits are not true.
    if (attempt === MAX_ATTEMPTS) {
      const guild = guildIdSchema.parse(waiting.guild);
      if (await db.transaction((tx) => recountWaiting(tx, guild))) onDrift(guild);
    }
  }
}

async function take(
  tx: SqlDatabase,
  { worker, seconds }: Lease,
  models: WorkerModels | undefined,
  busy: readonly Member[],
): Promise<Job | null> {
  await lockClock(tx);
  const isOffered = models && isWithin(worker, models.offered);
  const turn = await nextTurn(tx, busy, isOffered);
  if (turn === null) return null;
  const picked = (models && (await preferLoaded(tx, turn, models.loaded, busy, isOffered))) ?? turn;
  const guild = await lockGuild(tx, guildIdSchema.parse(picked.guild));
  const [row] = await tx
    .update(jobs)
    .set({
      status: 'running',
      attempts: sql`${jobs.attempts} + 1`,
      lockedBy: worker,
      leaseUntil: secondsFromNow(seconds),
      startedAt: sql`now()`,
      done: 0,
      doneAt: null,
    })
    .where(and(eq(jobs.id, picked.job), sql`${jobs.status} = 'queued'`))
    .returning();
  if (row === undefined) return null;
  await serve(tx, guild, picked.user, picked.seconds);
  if (picked !== turn) await passOver(tx, turn.guild, turn.user, picked.seconds);
  return jobOf(row);
}

/** A member who waits, with the first of the jobs that this worker can do. */
const turnSchema = z.object({
  guild: z.string(),
  user: z.string(),
  job: z.string(),
  model: z.string().nullable(),
  seconds: z.coerce.number(),
  passed: z.coerce.number(),
});
type Turn = z.infer<typeof turnSchema>;

/** Whose turn it is of those who are not busy, and whose first job that is offered needs no model but one of `only`. */
async function nextTurn(
  tx: SqlDatabase,
  busy: readonly Member[],
  isOffered: SQL = sql`true`,
  only?: readonly string[],
): Promise<Turn | null> {
  const [turn] = await rowsOf(
    tx,
    turnSchema,
    sql`
      select ${guildShares}.guild, ${memberShares}.user_id as user, ${memberShares}.passed_seconds as passed,
        first.id as job, first.model, first.reserved_seconds as seconds
      from ${guildShares}
      join ${memberShares} on ${memberShares}.guild = ${guildShares}.guild and ${memberShares}.waiting > 0
      cross join lateral (
        select id, model, reserved_seconds from ${jobs}
        where status = 'queued' and ${jobs}.guild = ${memberShares}.guild and ${jobs}.user_id = ${memberShares}.user_id
          and ${isOffered}
        order by priority desc, id limit 1
      ) first
      where ${guildShares}.waiting > 0 and ${isNoneOf(busy, memberShares.guild, memberShares.user)}
        and ${(only && needsNoneBut(sql`first.model`, only)) ?? sql`true`}
      order by ${guildShares}.virtual_seconds, ${guildShares}.turn_at, ${guildShares}.guild,
        ${memberShares}.virtual_seconds, ${memberShares}.turn_at, ${memberShares}.user_id
      limit 1`,
  );
  return turn ?? null;
}

/** The next job of a model that is loaded, where whoever's turn it is needs another one and can be passed over for it. */
async function preferLoaded(
  tx: SqlDatabase,
  turn: Turn,
  loaded: readonly string[],
  busy: readonly Member[],
  isOffered: SQL | undefined,
): Promise<Turn | null> {
  if (turn.model === null || loaded.includes(turn.model)) return null;
  const preferred = await nextTurn(tx, busy, isOffered, loaded);
  return preferred !== null && turn.passed + preferred.seconds <= MAX_PASSED_SECONDS ? preferred : null;
}

/** Of jobs: whether the worker has the model and all else that it needs. */
function isWithin(worker: string, offered: readonly string[]): SQL {
  return sql`${needsNoneBut(jobs.model, offered)} and ${isHeld(jobs.needs, worker)}`;
}

function needsNoneBut(model: SQLWrapper, names: readonly string[]) {
  return or(isNull(model), inArray(model, [...names]));
}

function isNoneOf(busy: readonly Member[], guild: SQLWrapper, user: SQLWrapper): SQL {
  const isOneOf = busy.map((member) => sql`(${guild} = ${member.guild} and ${user} = ${member.user})`);
  return busy.length === 0 ? sql`true` : sql`not (${sql.join(isOneOf, sql` or `)})`;
}
