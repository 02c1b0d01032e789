import { type Database, openStore, type StoreOptions } from '../../../bot/store/open-store.ts';
import type { Store } from '../../../bot/store/store.ts';

export interface MemoryStore {
  readonly store: Store;
  readonly database: Extract<Database, { kind: 'pglite' }>;
}

let migrated: Promise<Blob> | undefined;

/**
 * The embedded store in memory, as new. A copy of one that was brought up to date: unpacking and migrating each takes
 * three times as long.
 */
export async function openMemoryStore(options: Pick<StoreOptions, 'now'> = {}): Promise<MemoryStore> {
  migrated ??= migrate();
  return open({ ...options, copyOf: await migrated });
}

async function migrate(): Promise<Blob> {
  const { store, database } = await open({});
  const copy = await database.client.dumpDataDir('none');
  await store.close();
  return copy;
}

async function open(options: Pick<StoreOptions, 'now' | 'copyOf'>): Promise<MemoryStore> {
  const { store, database } = await openStore({ folder: null, ...options });
  if (database.kind !== 'pglite') throw new Error('The store is not embedded.');
  return { store, database };
}
