import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { jobIdSchema } from '../../commands/ids.ts';
import type { Job, Work } from '../../commands/job.ts';
import { type Messages, messagesFor } from '../../commands/locale/index.ts';
import { needKey, needsOf } from '../../commands/needs.ts';
import { SILENCE } from './conditions.ts';
import { rowsOf, type SqlDatabase } from './database.ts';
import { asItIsNow, endWithout, withJob } from './end.ts';
import { isHeld } from './extras.ts';
import { jobs, workerExtras, workerModels, workers } from './schema.ts';
import type { Unserved } from './store.ts';

const unservedSchema = z
  .object({
    model: z.string().nullable(),
    needs: z.array(z.string()),
    lacksModel: z.boolean(),
    lackingNeeds: z.array(z.string()),
  })
  .transform(({ model, needs, lacksModel, lackingNeeds }) => ({
    ...{ model, needs },
    lacking: { model: lacksModel, needs: lackingNeeds },
  }));

/** See `JobStore.unserved`. */
export function findUnserved(db: SqlDatabase): Promise<readonly Unserved[]> {
  return rowsOf(
    db,
    unservedSchema,
    sql`
      with heard as (
        select id from ${workers} where heard_at > now() - ${SILENCE}
      ), wanted as (
        select distinct model, needs from ${jobs} where status = 'queued' and (model is not null or needs <> '{}')
      )
      select model, needs,
        model is not null and model not in (
          select name from ${workerModels} where worker in (select id from heard)
        ) as "lacksModel",
        array(
          select unnest(needs) except select key from ${workerExtras} where worker in (select id from heard)
        ) as "lackingNeeds"
      from wanted
      where exists (select from heard) and not exists (
        select from heard
        where ${isHeld(sql`wanted.needs`, sql`heard.id`)} and (wanted.model is null or exists (
          select from ${workerModels} where worker = heard.id and name = wanted.model
        ))
      )`,
  );
}

/** See `JobStore.failUnserved`. */
export async function failUnserved(db: SqlDatabase, unserved: Unserved): Promise<readonly Job[]> {
  const { model, needs } = unserved;
  const isMeant = and(sql`${jobs.model} is not distinct from ${model}`, eq(jobs.needs, [...needs]));
  const waiting = await db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(sql`${jobs.status} = 'queued'`, isMeant));
  const failed: Job[] = [];
  for (const { id } of waiting) {
    const job = await withJob(db, jobIdSchema.parse(id), async (tx, locked) => {
      if (locked.job.status !== 'queued') return null;
      const message = explain(unserved, locked.job.work, messagesFor(locked.row.locale));
      await endWithout(tx, locked, 'failed', { code: 'not_served', message });
      return asItIsNow(tx, locked.job.id);
    });
    if (job !== null) failed.push(job);
  }
  return failed;
}

function explain({ model, lacking }: Unserved, work: Work, { work: texts }: Messages): string {
  if (model !== null && lacking.model) return texts.modelNotServed(model);
  const all = needsOf(work);
  const missing = all.filter((need) => lacking.needs.includes(needKey(need)));
  return missing.length > 0
    ? texts.filesNotServed(missing.map(({ name }) => name))
    : texts.notServedTogether([...(model === null ? [] : [model]), ...all.map(({ name }) => name)]);
}
