import { setTimeout as sleep } from 'node:timers/promises';
import type { PgPool, PgPoolClient } from 'bullmq';
import { localProgress, type ProgressBus, withoutPreview } from './progress-bus.ts';
import { decodeProgress, encodeProgress } from './wire.ts';

const CHANNEL = 'easel_progress';
/** Postgres refuses a longer notification. */
const MAX_PAYLOAD_BYTES = 7_900;
const RECONNECT_MS = 1_000;

/**
 * Progress by Postgres' NOTIFY, where there is no Redis: steps go through, previews that are too long stay behind. What is
 * published while the server is away is lost; then it goes on.
 */
export async function postgresProgress(pool: PgPool, onError: (error: Error) => void): Promise<ProgressBus> {
  const local = localProgress();
  let isClosed = false;
  /** One statement after the other: node-postgres no longer queues what is sent while a statement runs. */
  let sending: Promise<unknown> = Promise.resolve();
  /** One connection, which keeps the order; a pool's would overtake each other. Null while the server is away. */
  let connection: PgPoolClient | null = null;

  const connect = async (): Promise<void> => {
    const client = await pool.connect();
    const lose = (error: Error): void => {
      if (connection !== client) return;
      connection = null;
      client.release(true);
      if (isClosed) return;
      onError(error);
      void reconnect();
    };
    client.on('error', lose);
    client.on('end', () => lose(new Error('The connection for progress was closed.')));
    client.on('notification', ({ channel, payload }) => {
      const progress = channel === CHANNEL && payload !== undefined ? decodeProgress(payload) : null;
      if (progress !== null) local.publish(progress);
    });
    try {
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      client.release(true);
      throw error;
    }
    if (isClosed) client.release(true);
    else connection = client;
  };
  const reconnect = async (): Promise<void> => {
    while (!isClosed && connection === null) {
      await sleep(RECONNECT_MS, undefined, { ref: false });
      await connect().catch(onError);
    }
  };

  await connect();
  return {
    publish(progress) {
      const text = encodeProgress(progress);
      const fits = Buffer.byteLength(text) <= MAX_PAYLOAD_BYTES;
      const sent = fits ? text : encodeProgress(withoutPreview(progress));
      sending = sending.then(() => connection?.query('SELECT pg_notify($1, $2)', [CHANNEL, sent])).catch(onError);
    },
    subscribe: (hear) => local.subscribe(hear),
    async close() {
      isClosed = true;
      connection?.release(true);
      connection = null;
      await local.close();
    },
  };
}
