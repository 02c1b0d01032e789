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
