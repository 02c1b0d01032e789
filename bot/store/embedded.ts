import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { dataDir as emptyDatabase } from '@electric-sql/pglite-prepopulatedfs';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { closeTree, isOpenToOthers, makePrivateFolder } from '../private-folder.ts';
import type { SqlDatabase } from './database.ts';
import { lockFolder } from './folder-lock.ts';
import { migrations, refuseNewerSchema } from './migrations.ts';

export interface EmbeddedDatabase {
  readonly db: SqlDatabase;
  readonly client: PGlite;
  /**
   * Deleted rows lie in the tables' files and in the write-ahead log until their room is used again: afterwards they lie
   * nowhere. Nothing else is done meanwhile: the tables are written anew.
   */
  eraseDeleted(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Postgres inside this process, in a folder (null: in memory). A new one begins as a copy of `copyOf`, else empty. Rejects
 * with a `DatabaseError` where another process has the folder: two of them would destroy it.
 */
export async function openEmbedded(folder: string | null, copyOf?: Blob): Promise<EmbeddedDatabase> {
  const unlock = folder === null ? async () => {} : await lock(folder);
  try {
    const client = folder === null ? await fill(undefined, copyOf) : await openFolder(folder, copyOf);
    const db = drizzle(client);
    await refuseNewerSchema(db);
    await migrate(db, migrations);
    return {
      db,
      client,
      eraseDeleted: () => eraseDeleted(client),
      async close() {
        await client.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Tables that hold people's words, or point to their pictures. */
const TABLES_OF_PEOPLE = ['jobs', 'pictures', 'recipes', 'messages', 'deliveries', 'preferences', 'turns', 'ledger'];

async function eraseDeleted(client: PGlite): Promise<void> {
  for (const table of TABLES_OF_PEOPLE) await client.query(`vacuum full easel.${table}`);
  // A segment of the log that is over would be written over later, and not removed.
  await client.query('set wal_recycle = off');
  // Once for what stands in it, once for the checkpoint that still pointed there.
  for (let round = 0; round < 2; round++) {
    await client.query('select pg_switch_wal()');
    await client.query('checkpoint');
  }
}

/** A new database is unpacked from its package: making one (`initdb`) takes five times as long. */
async function fill(dataDir?: string, copyOf?: Blob): Promise<PGlite> {
  return PGlite.create({ ...(dataDir !== undefined && { dataDir }), loadDataDir: copyOf ?? (await emptyDatabase()) });
}

/** A mark stands beside a database while it is unpacked: one whose unpacking was cut off is begun anew. */
async function openFolder(folder: string, copyOf?: Blob): Promise<PGlite> {
  const dataDir = join(folder, 'postgres');
  const mark = join(folder, 'unpacking');
  if (await exists(mark)) await rm(dataDir, { recursive: true, force: true });
  if (await exists(dataDir)) {
    if (await isOpenToOthers(join(dataDir, 'PG_VERSION')).catch(() => false)) await closeTree(dataDir);
    return PGlite.create({ dataDir });
  }
  await writeFile(mark, '');
  const client = await fill(dataDir, copyOf);
  // PGlite unpacks its files as writable for everybody.
  await closeTree(dataDir);
  await rm(mark);
  return client;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function lock(folder: string): Promise<() => Promise<void>> {
  await makePrivateFolder(folder);
  return lockFolder(folder);
}
