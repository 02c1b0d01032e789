import { and, eq, sql } from 'drizzle-orm';
import type { Work } from '../../commands/job.ts';
import { measuredRate } from '../../commands/quote.ts';
import type { SqlDatabase } from './database.ts';
import { workRates } from './schema.ts';

/** Measured seconds a unit of such work, or null where none has been measured. */
export async function knownRate(db: SqlDatabase, work: Work): Promise<number | null> {
  const [row] = await db
    .select()
    .from(workRates)
    .where(and(eq(workRates.model, work.recipe.model.name), eq(workRates.kind, work.kind)));
  return row?.secondsPerUnit ?? null;
}

/** Takes a measurement into the rate. Of two at the same time one may be lost: the next one makes up for it. */
export async function learnRate(db: SqlDatabase, work: Work, measuredSeconds: number): Promise<void> {
  const secondsPerUnit = measuredRate(await knownRate(db, work), work, measuredSeconds);
  await db
    .insert(workRates)
    .values({ model: work.recipe.model.name, kind: work.kind, secondsPerUnit })
    .onConflictDoUpdate({
      target: [workRates.model, workRates.kind],
      set: { secondsPerUnit: sql`excluded.seconds_per_unit` },
    });
}
