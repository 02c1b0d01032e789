import { redisConnection } from '../queue/redis-connection.ts';
import { localProgress, type ProgressBus } from './progress-bus.ts';
import { decodeProgress, encodeProgress } from './wire.ts';

const CHANNEL = 'easel:progress';

/** Progress by Redis' publish and subscribe, for a bot whose workers are other processes. */
export async function redisProgress(url: string, onError: (error: Error) => void): Promise<ProgressBus> {
  // Progress that cannot be sent now is worth nothing later: no queue of what waits for a connection.
  const publisher = redisConnection(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  const subscriber = redisConnection(url, { maxRetriesPerRequest: null });
  for (const connection of [publisher, subscriber]) connection.on('error', onError);
  const local = localProgress();
  subscriber.on('message', (_channel: string, text: string) => {
    const progress = decodeProgress(text);
    if (progress !== null) local.publish(progress);
  });
  // Resolves when Redis is there, and is renewed by ioredis after an outage: starting need not wait for either.
  subscriber.subscribe(CHANNEL).catch(onError);
  return {
    publish(progress) {
      publisher.publish(CHANNEL, encodeProgress(progress)).catch(() => {
        // Redis is away: at least this process hears of its own.
        local.publish(progress);
      });
    },
    subscribe: (listener) => local.subscribe(listener),
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
      await local.close();
    },
  };
}
