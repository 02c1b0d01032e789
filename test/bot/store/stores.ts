import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Database, openStore } from '../../../bot/store/open-store.ts';
import type { Store } from '../../../bot/store/store.ts';
import { CANARY } from '../../canary.ts';

/** What a suite gets: an open store, and the clock that its quotas count by. */
export interface StoreUnderTest {
  readonly store: () => Store;
  /** Sets the clock; null: the real time again. */
  setTime(time: Date | null): void;
  /** Runs a statement past the store: for what no store would do. */
  tamper(statement: string): Promise<void>;
  /** Guilds whose sums were counted anew. */
  readonly drifted: string[];
  /** Removes all jobs, and all that there is about them but the ledger. */
  removeJobs(): Promise<void>;
}

const SERVER = process.env.TEST_DATABASE_URL;

/** Runs a suite on the embedded database in memory, and on a database of its own of TEST_DATABASE_URL's server. */
export function onEveryStore(title: string, suite: (context: StoreUnderTest) => void): void {
  describe(`${title} on PGlite`, () => onStore(async () => ({ url: undefined, remove: async () => {} }), suite));
  if (SERVER === undefined) {
    describe(`${title} on Postgres`, () => it.skip('left out: TEST_DATABASE_URL names no server', () => {}));
  } else {
    describe(`${title} on Postgres`, () => onStore(() => newDatabase(SERVER), suite));
  }
}

/** An empty database on a server. */
export async function newDatabase(server: string): Promise<{ url: string; remove: () => Promise<void> }> {
  const name = `easel_test_${randomUUID().replaceAll('-', '')}`;
  const statement = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await statement(`create database ${name}`);
  const url = new URL(server);
  url.pathname = name;
  // A server that trusts this machine asks for none: it must not be seen all the same.
  url.password ||= CANARY;
  return { url: url.href, remove: () => statement(`drop database ${name} with (force)`) };
}

function onStore(
  makeDatabase: () => Promise<{ url: string | undefined; remove: () => Promise<void> }>,
  suite: (context: StoreUnderTest) => void,
): void {
  let time: Date | null = null;
  let opened: { store: Store; database: Database } | undefined;
  let remove = async (): Promise<void> => {};
  const drifted: string[] = [];
  beforeAll(async () => {
    const database = await makeDatabase();
    remove = database.remove;
    opened = await openStore({
      databaseUrl: database.url,
      folder: null,
      now: () => time ?? new Date(),
      onDrift: (guild) => drifted.push(guild),
    });
  });
  afterAll(async () => {
    await opened?.store.close();
    await remove();
  });
  const open = () => {
    if (opened === undefined) throw new Error('The store is not open.');
    return opened;
  };
  const connection = () => {
    const { database } = open();
    return database.kind === 'pglite' ? database.client : database.pool;
  };
  suite({
    store: () => open().store,
    drifted,
    tamper: async (statement) => void (await connection().query(statement)),
    async removeJobs() {
      await connection().query('delete from easel.jobs');
      await connection().query('truncate easel.guild_shares, easel.member_shares, easel.waiting_sums');
    },
    setTime(to) {
      time = to;
    },
  });
}
