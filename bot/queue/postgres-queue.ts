import { createPostgresBackend, DEFAULT_SCHEMA, type PgPool, runMigrations, withBackend } from 'bullmq';
import { askPatiently, bullRunQueue, QUEUE_NAME } from './bull-queue.ts';
import type { RunQueue } from './run-queue.ts';

const { Queue, Worker } = withBackend(createPostgresBackend);

class PatientWorker extends Worker {
  protected override moveToActive(token: string, name?: string) {
    return askPatiently(() => super.moveToActive(token, name));
  }
}

/**
 * The run queue in the database that the store is in. BullMQ's tables have a schema of their own, which its statements
 * find by the pool's search path: `SET search_path` for a pool of one session, the connection's options for others.
 */
export async function postgresRunQueue(pool: PgPool, onError: (error: Error) => void): Promise<RunQueue> {
  const client = await pool.connect();
  try {
    await runMigrations(client, DEFAULT_SCHEMA, {});
    await client.query(`SET search_path TO ${DEFAULT_SCHEMA}, public`);
  } finally {
    client.release();
  }
  return bullRunQueue(
    {
      queue: new Queue(QUEUE_NAME, { connection: pool }),
      createWorker: (processor, options) => new PatientWorker(QUEUE_NAME, processor, { ...options, connection: pool }),
      requireWritable: async () => {
        const { rows } = await pool.query<{ transaction_read_only: string }>('show transaction_read_only');
        if (rows[0]?.transaction_read_only === 'on') throw new Error('The database is read-only.');
      },
      close: async () => {},
    },
    onError,
  );
}
