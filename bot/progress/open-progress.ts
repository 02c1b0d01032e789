import type { Database } from '../store/open-store.ts';
import { postgresProgress } from './postgres-progress.ts';
import { localProgress, type ProgressBus } from './progress-bus.ts';
import { redisProgress } from './redis-progress.ts';

/** How progress travels: within the process where the database is embedded, else by Redis or by Postgres itself. */
export async function openProgress(
  redisUrl: string | undefined,
  database: Database,
  onError: (error: Error) => void,
): Promise<ProgressBus> {
  if (redisUrl !== undefined) return redisProgress(redisUrl, onError);
  return database.kind === 'pglite' ? localProgress() : postgresProgress(database.pool, onError);
}
