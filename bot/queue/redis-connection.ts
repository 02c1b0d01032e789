import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';

/** A lost route says nothing by itself: after this long the system probes whether the other end is still there. */
const KEEP_ALIVE_MS = 10_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** A server that stays a replica is asked again this often, not with every command. */
const RECONNECT_PAUSE_MS = 1_000;
const START_PAUSE_MS = 1_000;

/**
 * Errors of a server that is no longer, or not yet, the one to write to: the address leads to another after a failover,
 * but only for new connections (https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/, ioredis' README,
 * `reconnectOnError`).
 */
const FAILED_OVER = /\b(READONLY|LOADING|MASTERDOWN|UNBLOCKED)\b/;

/** A connection that survives a failover behind its address: it connects again where the server has become a replica. */
export function redisConnection(
  url: string,
  options: Pick<RedisOptions, 'maxRetriesPerRequest' | 'enableOfflineQueue'> = {},
): Redis {
  let lastReconnect = Number.NEGATIVE_INFINITY;
  const reconnectOnError = (error: Error): 2 | false => {
    if (!FAILED_OVER.test(error.message)) return false;
    const now = performance.now();
    if (now - lastReconnect < RECONNECT_PAUSE_MS) return false;
    lastReconnect = now;
    // Connect again, and send the refused command once more: it was not carried out.
    return 2;
  };
  return new Redis(url, { keepAlive: KEEP_ALIVE_MS, ...options, reconnectOnError });
}

/** Why Redis cannot be used, in one line, and what to do about it. */
export class RedisError extends Error {
  /** `unreachable` may pass by itself; `misconfigured` needs the operator. */
  readonly kind: 'unreachable' | 'misconfigured';
  readonly reason: string;
  readonly fix: string;

  constructor(kind: 'unreachable' | 'misconfigured', reason: string, fix: string, options?: ErrorOptions) {
    super(`Redis cannot be used (${reason}): ${fix}.`, options);
    this.name = 'RedisError';
    this.kind = kind;
    this.reason = reason;
    this.fix = fix;
  }
}

const START_IT = 'start Redis, or set REDIS_URL right (unset: the queue is in the store)';

/** Resolves with the server's version where the queue can live there; rejects with a `RedisError`. */
export async function probeRedis(url: string): Promise<string> {
  const redis = new Redis(url, {
    ...{ lazyConnect: true, connectTimeout: ANSWER_TIMEOUT_MS, commandTimeout: ANSWER_TIMEOUT_MS },
    // The ready check would wait for a server that loads its data, without a word.
    ...{ enableReadyCheck: false, retryStrategy: () => null },
  });
  // A wrong password comes as an event only, and `connect` never settles.
  const failure = new Promise<never>((_, reject) => redis.on('error', reject));
  try {
    await Promise.race([redis.connect(), failure]);
    const info = await Promise.race([redis.info(), failure]);
    const field = (name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
    requireSingleServer(field('redis_mode'), field('cluster_enabled'));
    if (field('loading') === '1')
      throw new RedisError('unreachable', 'it is loading its data', 'wait until it is ready');
    if (field('role') === 'slave') {
      throw new RedisError('unreachable', 'it is a read-only replica', 'set REDIS_URL to the primary');
    }
    return field('redis_version') ?? 'of an unknown version';
  } catch (error) {
    throw error instanceof RedisError ? error : explain(error);
  } finally {
    redis.disconnect();
  }
}

/** Waits for a server that is away, saying why, for at most `patienceMs`. Rejects with a `RedisError`. */
export async function awaitRedis(
  url: string,
  { patienceMs, onWait }: { readonly patienceMs: number; readonly onWait: (error: RedisError) => void },
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      await probeRedis(url);
      return;
    } catch (error) {
      if (!(error instanceof RedisError) || error.kind === 'misconfigured') throw error;
      if (performance.now() >= deadline) throw error;
      onWait(error);
      await sleep(START_PAUSE_MS);
    }
  }
}

function requireSingleServer(mode: string | undefined, clusterEnabled: string | undefined): void {
  const oneServer = 'set REDIS_URL to a single primary, or to an address that follows it';
  if (mode === 'sentinel') throw new RedisError('misconfigured', 'this is a Sentinel, which holds no data', oneServer);
  if (mode === 'cluster' || clusterEnabled === '1') {
    throw new RedisError('misconfigured', 'this is a node of a Redis Cluster', oneServer);
  }
}

function explain(error: unknown): RedisError {
  const reason = error instanceof Error ? error.message : String(error);
  if (/WRONGPASS|NOAUTH|invalid password|NOPERM/.test(reason)) {
    const fix = 'set the name and the password in REDIS_URL right: redis://NAME:PASSWORD@HOST:PORT';
    return new RedisError('misconfigured', reason, fix, { cause: error });
  }
  return new RedisError('unreachable', reason, START_IT, { cause: error });
}
