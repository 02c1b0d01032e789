import type { PGlite } from '@electric-sql/pglite';
import type { PgPool } from 'bullmq';
import type { GuildId } from '../../commands/ids.ts';
import { openEmbedded } from './embedded.ts';
import { openPostgres } from './postgres.ts';
import { createStore } from './sql-store.ts';
import type { Store } from './store.ts';

/** The database that the store is in, for a run queue beside it. */
export type Database =
  | { readonly kind: 'pglite'; readonly client: PGlite }
  /** Its sessions look for names in the run queue's schema first. */
  | { readonly kind: 'postgres'; readonly pool: PgPool };

export interface StoreOptions {
  /** Postgres; undefined: embedded in `folder`. */
  readonly databaseUrl?: string | undefined;
  /** Null: in memory. */
  readonly folder: string | null;
  /** What a new embedded database begins with (PGlite's `dumpDataDir`); else it is empty. */
  readonly copyOf?: Blob;
  /** Hears of idle connections that broke; new ones are made by themselves. */
  readonly onError?: (error: Error) => void;
  /** Hears of a guild whose sums of what waits were wrong, and were counted anew. */
  readonly onDrift?: (guild: GuildId) => void;
  /** The moment that quotas and job times count by. */
  readonly now?: () => Date;
}

/** Opens the database, brings its schema up to date, and gives the store in it. Rejects with a `DatabaseError`. */
export async function openStore(options: StoreOptions): Promise<{ store: Store; database: Database }> {
  const { databaseUrl, folder, copyOf, onError = () => {}, onDrift, now = () => new Date() } = options;
  if (databaseUrl !== undefined) {
    const { db, queuePool, close } = await openPostgres(databaseUrl, onError);
    return { store: createStore({ db, now, close, onDrift }), database: { kind: 'postgres', pool: queuePool } };
  }
  const { db, client, eraseDeleted, close } = await openEmbedded(folder, copyOf);
  const store = createStore({ db, now, close, onDrift, ...(folder !== null && { eraseDeleted }) });
  // No other process can be at work in this database, so whoever had begun a job is gone.
  await Promise.all([store.jobs.expireLeases(), store.deliveries.expireClaims()]);
  return { store, database: { kind: 'pglite', client } };
}
