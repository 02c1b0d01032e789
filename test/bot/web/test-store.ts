import type { Store } from '../../../bot/store/store.ts';
import { openMemoryStore } from '../store/memory-store.ts';

/** The embedded store, in memory; a test file opens it once, for its people do not meet. */
export interface TestStore {
  readonly store: Store;
  /** The database fails on every turn until the returned function mends it. */
  breakDown(): Promise<() => Promise<void>>;
}

export async function openTestStore(): Promise<TestStore> {
  const { store, database } = await openMemoryStore();
  const { client } = database;
  return {
    store,
    async breakDown() {
      await client.exec('alter table easel.turns rename to turns_away');
      return async () => {
        await client.exec('alter table easel.turns_away rename to turns');
      };
    },
  };
}
