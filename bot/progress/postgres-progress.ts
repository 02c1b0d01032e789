import type { PgPool } from 'bullmq';
import { localProgress, type ProgressBus } from './progress-bus.ts';
import { decodeProgress, encodeProgress } from './wire.ts';

const CHANNEL = 'easel_progress';
/** Postgres refuses a longer notification. */
const MAX_PAYLOAD_BYTES = 7_900;

/** Progress by Postgres' NOTIFY, where there is no Redis: steps go through, previews that are too long stay behind. */
export async function postgresProgress(pool: PgPool, onError: (error: Error) => void): Promise<ProgressBus> {
  const local = localProgress();
  const listener = await pool.connect();
  listener.on('error', onError);
  listener.on('notification', ({ channel, payload }) => {
    const progress = channel === CHANNEL && payload !== undefined ? decodeProgress(payload) : null;
    if (progress !== null) local.publish(progress);
  });
  await listener.query(`LISTEN ${CHANNEL}`);
  return {
    publish(progress) {
      const text = encodeProgress(progress);
      const fits = Buffer.byteLength(text) <= MAX_PAYLOAD_BYTES;
      const sent = fits || progress.state !== 'running' ? text : encodeProgress(withoutPreview(progress));
      // By one connection, which keeps the order; a pool's would overtake each other.
      listener.query('SELECT pg_notify($1, $2)', [CHANNEL, sent]).catch(onError);
    },
    subscribe: (hear) => local.subscribe(hear),
    async close() {
      listener.release(true);
      await local.close();
    },
  };
}

function withoutPreview<T extends { readonly preview?: Uint8Array }>({ preview: _, ...rest }: T): Omit<T, 'preview'> {
  return rest;
}
