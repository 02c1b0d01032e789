import type { Database } from '../store/open-store.ts';
import { pglitePool } from './pglite-pool.ts';
import { postgresRunQueue } from './postgres-queue.ts';
import { redisRunQueue } from './redis-queue.ts';
import type { RunQueue } from './run-queue.ts';

/** The run queue on Redis where there is one, else in the database that the store is in. */
export async function openRunQueue(
  redisUrl: string | undefined,
  database: Database,
  onError: (error: Error) => void,
): Promise<RunQueue> {
  if (redisUrl !== undefined) return redisRunQueue(redisUrl, onError);
  return postgresRunQueue(database.kind === 'pglite' ? pglitePool(database.client) : database.pool, onError);
}
