import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openEmbedded } from '../../../bot/store/embedded.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { createStore } from '../../../bot/store/sql-store.ts';
import type { Store } from '../../../bot/store/store.ts';

/** A store to be filled and measured, and the database below it. */
export interface GrownStore {
  /** Gives the store in sessions of its own: what they did is in the database's statistics afterwards. */
  use<T>(work: (store: Store) => Promise<T>): Promise<T>;
  query(statement: string): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

const OTHER_SESSIONS = `select from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;

/** In memory, gone at the end. */
export async function embeddedStore(): Promise<GrownStore> {
  const { db, client, close } = await openEmbedded(null);
  const store = createStore({ db, now: () => new Date(), close });
  return {
    async use(work) {
      const result = await work(store);
      await client.query('select pg_stat_force_next_flush()');
      return result;
    },
    query: async (statement) => (await client.query(statement)).rows,
    close,
  };
}

/** In a database of its own on a Postgres server, which stays there for the next run. */
export async function postgresStore(server: string, name: string): Promise<GrownStore> {
  const url = new URL(server);
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0) await admin.query(`create database ${name}`);
  await admin.end();
  url.pathname = name;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const use: GrownStore['use'] = async (work) => {
    const { store } = await openStore({ databaseUrl: url.href, folder: null });
    const result = await work(store).finally(() => store.close());
    // A session's statistics are written when it ends, a little after its connection has been closed.
    while ((await client.query(OTHER_SESSIONS)).rowCount !== 0) await sleep(20);
    return result;
  };
  await use(async () => {});
  return {
    use,
    query: async (statement) => (await client.query(statement)).rows,
    close: () => client.end(),
  };
}
