import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { SqlDatabase } from './database.ts';
import { lockFolder } from './folder-lock.ts';
import { migrations, refuseNewerSchema } from './migrations.ts';

export interface EmbeddedDatabase {
  readonly db: SqlDatabase;
  readonly client: PGlite;
  close(): Promise<void>;
}

/**
 * Postgres inside this process, in a folder (null: in memory). Rejects with a `DatabaseError` where another process has
 * the folder: two of them would destroy it.
 */
export async function openEmbedded(folder: string | null): Promise<EmbeddedDatabase> {
  const unlock = folder === null ? async () => {} : await lock(folder);
  try {
    const client = await PGlite.create(folder === null ? {} : { dataDir: join(folder, 'postgres') });
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

async function lock(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  return lockFolder(folder);
}
