import type { Operations } from '../../../bot/operations/operations.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import type { JobStore } from '../../../bot/store/store.ts';
import type { TurnStore } from '../../../bot/web/turn-store.ts';

/** The embedded store's turns, in memory; a test file opens it once, for its people do not meet. */
export interface TestTurns {
  readonly turns: TurnStore;
  readonly operations: Operations;
  readonly jobs: JobStore;
  /** The database fails on every turn until the returned function mends it. */
  breakDown(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function openTurns(): Promise<TestTurns> {
  const { store, database } = await openStore({ folder: null });
  if (database.kind !== 'pglite') throw new Error('The store is not embedded.');
  const { client } = database;
  return {
    turns: store.turns,
    operations: store.operations,
    jobs: store.jobs,
    async breakDown() {
      await client.exec('alter table easel.turns rename to turns_away');
      return async () => {
        await client.exec('alter table easel.turns_away rename to turns');
      };
    },
    close: () => store.close(),
  };
}
