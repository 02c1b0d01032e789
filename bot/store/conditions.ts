import { sql } from 'drizzle-orm';
import { jobs, workers } from './schema.ts';

/*
 * What several queries ask of a job or a worker, in one wording: a partial index is used only where a query says what the
 * index says.
 */

export const isRunning = sql`${jobs.status} = 'running'`;
export const isUnfinished = sql`${jobs.status} in ('queued', 'running')`;

/** A worker that was not heard of for so long is taken for gone. */
export const SILENCE = sql`interval '1 minute'`;
export const isHeardOf = sql`${workers.heardAt} > now() - ${SILENCE}`;
