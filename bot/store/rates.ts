import { inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Work } from '../../commands/job.ts';
import { measuredRates as measuredBy, type Rate, ratedBy } from '../../commands/quote.ts';
import type { SqlDatabase } from './database.ts';
import { measuredRates } from './schema.ts';
import type { FinishedPicture } from './store.ts';

const rateSchema: z.ZodType<Rate> = z.object({
  by: z.string(),
  stage: z.enum(['drawing', 'refining', 'coding', 'upscaling']),
  pixels: z.number(),
  secondsPerUnit: z.number(),
});

/** What is known of how long such work takes. */
export async function knownRates(db: SqlDatabase, work: Work): Promise<readonly Rate[]> {
  const rows = await db
    .select()
    .from(measuredRates)
    .where(inArray(measuredRates.by, [...ratedBy(work)]));
  return z.array(rateSchema).parse(rows);
}

/** Takes a measurement into the rates. Of two at the same time one may be lost: the next one makes up for it. */
export async function learnRates(db: SqlDatabase, work: Work, pictures: readonly FinishedPicture[]): Promise<void> {
  const timings = pictures.map((picture) => picture.timings);
  const rates = measuredBy(work, timings, await knownRates(db, work));
  if (rates.length === 0) return;
  await db
    .insert(measuredRates)
    .values([...rates])
    .onConflictDoUpdate({
      target: [measuredRates.by, measuredRates.stage, measuredRates.pixels],
      set: { secondsPerUnit: sql`excluded.seconds_per_unit` },
    });
}
