import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { GuildId } from '../../commands/ids.ts';
import { DatabaseError, rowsOf, type SqlDatabase } from './database.ts';
import { deliveryStore } from './deliveries.ts';
import { extraStore } from './extras.ts';
import { jobStore } from './jobs.ts';
import { memberStore } from './members.ts';
import { refuseNewerSchema } from './migrations.ts';
import { modelStore } from './models.ts';
import { operationsStore } from './operations.ts';
import { peopleStore } from './people.ts';
import { pictureStore } from './pictures.ts';
import { preferenceStore } from './preferences.ts';
import { retentionStore } from './retention.ts';
import { settingsStore } from './settings.ts';
import type { Store } from './store.ts';
import { turnStore } from './turns.ts';
import { usageStore } from './usage.ts';

/** The store in a database that is up to date. */
export function createStore(parts: {
  readonly db: SqlDatabase;
  /** The moment that quotas count by. */
  readonly now: () => Date;
  readonly close: () => Promise<void>;
  /** Hears of a guild whose sums of what waits were wrong, and were counted anew. */
  readonly onDrift?: ((guild: GuildId) => void) | undefined;
  /** Leaves nothing of deleted rows in the database's files, where that is in our hands. */
  readonly eraseDeleted?: () => Promise<void>;
}): Store {
  const { db, now, close, onDrift, eraseDeleted } = parts;
  return {
    jobs: jobStore(db, now, onDrift),
    pictures: pictureStore(db),
    deliveries: deliveryStore(db),
    settings: settingsStore(db),
    preferences: preferenceStore(db),
    usage: usageStore(db, now),
    people: peopleStore(db, eraseDeleted),
    models: modelStore(db),
    extras: extraStore(db),
    turns: turnStore(db),
    members: memberStore(db),
    operations: operationsStore(db, now),
    retention: retentionStore(db),
    requireCurrent: () => refuseNewerSchema(db),
    async ping() {
      const [row] = await rowsOf(db, z.object({ transaction_read_only: z.string() }), sql`show transaction_read_only`);
      if (row?.transaction_read_only === 'on') throw new DatabaseError('The database is read-only.');
    },
    close,
  };
}
