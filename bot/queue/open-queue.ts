import type { Database } from '../store/open-store.ts';
import { pglitePool } from './pglite-pool.ts';
import { postgresRunQueue } from './postgres-queue.ts';
import { awaitRedis } from './redis-connection.ts';
import { redisRunQueue } from './redis-queue.ts';
import type { RunQueue } from './run-queue.ts';

/** About as long as a server takes to restart beside us; after that the service manager should hear of it. */
const START_PATIENCE_MS = 30_000;

/**
 * The run queue on Redis where there is one, else in the database that the store is in. Waits half a minute for a Redis
 * that is away, then rejects with a `RedisError`; with a wrong password or a Redis that cannot hold the queue, at once.
 */
export async function openRunQueue(
  redisUrl: string | undefined,
  database: Database,
  onError: (error: Error) => void,
): Promise<RunQueue> {
  if (redisUrl !== undefined) {
    await awaitRedis(redisUrl, { patienceMs: START_PATIENCE_MS, onWait: onError });
    return redisRunQueue(redisUrl, onError);
  }
  return postgresRunQueue(database.kind === 'pglite' ? pglitePool(database.client) : database.pool, onError);
}
