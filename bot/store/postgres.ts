import { randomUUID } from 'node:crypto';
import type { PgPool } from 'bullmq';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { DatabaseError, type SqlDatabase } from './database.ts';
import { migrations, refuseNewerSchema } from './migrations.ts';

/** Held while a starter brings the schema up to date: several may start at once. Any number that nothing else uses. */
const MIGRATION_LOCK = 7_365_100_001;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;

export interface PostgresDatabase {
  readonly db: SqlDatabase;
  readonly queuePool: PgPool;
  close(): Promise<void>;
}

/** A Postgres server. `onError` hears of idle connections that broke; the pool itself makes new ones. */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<PostgresDatabase> {
  // A route that is lost says nothing: the system asks whether the other end is still there.
  const alive = { keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS };
  const options = { connectionString: url, max: 10, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, ...alive };
  const pool = new pg.Pool(options);
  // By SET rather than as a startup parameter, which a pooler refuses or ignores, and which `options` in the URL replaces.
  const queuePool = new pg.Pool({
    ...options,
    onConnect: async (client) => {
      await client.query('SET search_path TO bullmq, public');
    },
  });
  for (const each of [pool, queuePool]) {
    each.on('error', onError);
    // The pool listens to idle connections only: one that breaks between two statements of a transaction has nobody else.
    each.on('connect', (client) => client.on('error', onError));
  }
  const close = async (): Promise<void> => {
    await Promise.all([pool.end(), queuePool.end()]);
  };
  try {
    await requireSessions(pool);
    await bringUpToDate(pool);
  } catch (error) {
    await close();
    throw error;
  }
  // BullMQ declares node-postgres' listeners more narrowly than node-postgres does: the same pool, as its tests use it.
  return { db: drizzle(pool), queuePool: queuePool as unknown as PgPool, close };
}

/**
 * Refuses a pooler that hands a session on after each transaction: LISTEN, advisory locks and the queue's search path
 * would be lost now and then. What one client sets then shows in the session of another, or not in its own.
 */
async function requireSessions(pool: pg.Pool): Promise<void> {
  const mark = randomUUID();
  const [one, other] = [await connect(pool), await connect(pool)];
  const marked = async (client: pg.PoolClient): Promise<boolean> => {
    const { rows } = await client.query<{ mark: string | null }>(
      "select current_setting('easel.session', true) as mark",
    );
    return rows[0]?.mark === mark;
  };
  try {
    await one.query("select set_config('easel.session', $1, false)", [mark]);
    // In a transaction, so that a pooler must give the first client another session meanwhile.
    await other.query('begin');
    const isShared = (await marked(other)) || !(await marked(one));
    await other.query('rollback');
    if (isShared) {
      throw new DatabaseError(
        'DATABASE_URL leads through a pooler in transaction mode, which loses LISTEN and locks: use its session mode, or the direct address of Postgres.',
      );
    }
    await one.query('reset easel.session');
  } finally {
    one.release();
    other.release();
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  return pool.connect().catch((cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const fix = /certificate|self-signed/i.test(reason)
      ? 'add sslrootcert=FILE with its authority to DATABASE_URL (or sslmode=no-verify, which does not check who answers)'
      : 'start it, or set DATABASE_URL right';
    throw new DatabaseError(`Postgres does not answer (${reason}): ${fix}.`, { cause });
  });
}

async function bringUpToDate(pool: pg.Pool): Promise<void> {
  const client = await connect(pool);
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const db = drizzle(client);
    await refuseNewerSchema(db);
    await migrate(db, migrations);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
    client.release();
  }
}
