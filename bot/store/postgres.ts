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
  const queuePool = new pg.Pool({ ...options, options: '-c search_path=bullmq,public' });
  for (const each of [pool, queuePool]) {
    each.on('error', onError);
    // The pool listens to idle connections only: one that breaks between two statements of a transaction has nobody else.
    each.on('connect', (client) => client.on('error', onError));
  }
  const close = async (): Promise<void> => {
    await Promise.all([pool.end(), queuePool.end()]);
  };
  try {
    await bringUpToDate(pool);
  } catch (error) {
    await close();
    throw error;
  }
  // BullMQ declares node-postgres' listeners more narrowly than node-postgres does: the same pool, as its tests use it.
  return { db: drizzle(pool), queuePool: queuePool as unknown as PgPool, close };
}

async function bringUpToDate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect().catch((cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseError(`Postgres does not answer (${reason}): start it, or set DATABASE_URL right.`, { cause });
  });
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
