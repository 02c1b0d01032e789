import { and, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { z } from 'zod';
import { needKey } from '../../commands/needs.ts';
import type { Extra } from '../../commands/services.ts';
import { isHeardOf } from './conditions.ts';
import type { SqlDatabase } from './database.ts';
import { workerExtras, workers } from './schema.ts';
import type { ExtraStore } from './store.ts';

const modelsSchema = z.array(z.string());

export function extraStore(db: SqlDatabase): ExtraStore {
  return {
    async offer(worker, offers) {
      await db.transaction(async (tx) => {
        await tx.delete(workerExtras).where(eq(workerExtras.worker, worker));
        const rows = offers.map((offer) => ({ worker, key: needKey(offer), hash: '', ...offer }));
        if (rows.length > 0) await tx.insert(workerExtras).values(rows);
      });
    },

    async available(kind) {
      const rows = await db
        .select({
          name: workerExtras.name,
          hash: workerExtras.hash,
          models: workerExtras.models,
          unread: workerExtras.unread,
        })
        .from(workerExtras)
        .innerJoin(workers, eq(workers.id, workerExtras.worker))
        .where(and(eq(workerExtras.kind, kind), isHeardOf))
        .orderBy(workerExtras.name, workers.heardAt);
      return merged(rows);
    },
  };
}

/** Whether a worker has every file of these needs. */
export function isHeld(needs: SQLWrapper, worker: SQLWrapper | string): SQL {
  return sql`${needs} <@ array(select key from ${workerExtras} where ${workerExtras.worker} = ${worker})`;
}

/** Workers may offer the same file for different models. Of files that only share a name, the first counts. */
function merged(
  rows: readonly { name: string; hash: string; models: unknown; unread: string | null }[],
): readonly Extra[] {
  const byName = new Map<string, Extra>();
  for (const { name, hash, models, unread } of rows) {
    const known = byName.get(name);
    if (known !== undefined && known.hash !== hash) continue;
    const all = new Set([...(known?.models ?? []), ...modelsSchema.parse(models)]);
    byName.set(name, { name, hash, models: [...all], ...(unread !== null && { unread }) });
  }
  return [...byName.values()];
}
