import { afterEach, describe, expect, it } from 'vitest';
import { awaitRedis, probeRedis, RedisError, redisConnection } from '../../../bot/queue/redis-connection.ts';
import { type FakeRedis, startFakeRedis } from '../../fakes/redis.ts';

let fake: FakeRedis | undefined;
afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

const info = (lines: Record<string, string>): string =>
  Object.entries({ redis_version: '7.0.1', redis_mode: 'standalone', role: 'master', loading: '0', ...lines })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');

async function serverThatSays(lines: Record<string, string>): Promise<string> {
  fake = await startFakeRedis((command) => (command === 'INFO' ? { bulk: info(lines) } : { ok: 'OK' }));
  return fake.url;
}

const problemOf = (url: string): Promise<RedisError> =>
  probeRedis(url).then(
    () => expect.fail('It was taken.'),
    (error) => {
      expect(error).toBeInstanceOf(RedisError);
      return error;
    },
  );

describe('probing Redis', () => {
  it('gives the version of a server that can hold the queue', async () => {
    expect(await probeRedis(await serverThatSays({}))).toBe('7.0.1');
  });

  it.each([
    ['a node of a cluster', { redis_mode: 'cluster', cluster_enabled: '1' }, 'misconfigured'],
    ['a Sentinel', { redis_mode: 'sentinel' }, 'misconfigured'],
    ['a replica', { role: 'slave' }, 'unreachable'],
    ['a server that still loads its data', { loading: '1' }, 'unreachable'],
  ] as const)('refuses %s', async (_, lines, kind) => {
    expect(await problemOf(await serverThatSays(lines))).toMatchObject({ kind });
  });

  it.each(['WRONGPASS invalid username-password pair', 'NOAUTH Authentication required.'])(
    'takes %s for a wrong setting, not for an outage',
    async (refusal) => {
      fake = await startFakeRedis(() => ({ error: refusal }));
      expect(await problemOf(fake.url)).toMatchObject({ kind: 'misconfigured' });
    },
  );

  it('takes a port where nobody listens for an outage', async () => {
    const url = await serverThatSays({});
    await fake?.close();
    expect(await problemOf(url)).toMatchObject({ kind: 'unreachable' });
  });
});

describe('waiting for Redis at the start', () => {
  it('says why it waits, and ends with the reason', async () => {
    const url = await serverThatSays({ role: 'slave' });
    const heard: string[] = [];
    const waiting = awaitRedis(url, { patienceMs: 0, onWait: ({ reason }) => heard.push(reason) });
    await expect(waiting).rejects.toMatchObject({ kind: 'unreachable' });
    expect(heard).toEqual([]);
  });

  it('does not wait where only the operator can help', async () => {
    const url = await serverThatSays({ redis_mode: 'sentinel' });
    const waiting = awaitRedis(url, { patienceMs: 60_000, onWait: () => expect.fail('It waited.') });
    await expect(waiting).rejects.toMatchObject({ kind: 'misconfigured' });
  });
});

describe('a connection over a failover', () => {
  it.each([
    "READONLY You can't write against a read only replica.",
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
  ])('connects anew and sends the command again: %s', async (refusal) => {
    fake = await startFakeRedis((command, _, connection) => {
      if (command === 'INFO') return { bulk: info({}) };
      return command === 'SET' && connection === 1 ? { error: refusal } : { ok: 'OK' };
    });
    const redis = redisConnection(fake.url, { maxRetriesPerRequest: null });
    redis.on('error', () => {});
    try {
      expect(await redis.set('key', 'value')).toBe('OK');
      expect(fake.connections()).toBe(2);
    } finally {
      redis.disconnect();
    }
  });

  it('does not storm a server that stays a replica', async () => {
    fake = await startFakeRedis((command) => {
      if (command === 'INFO') return { bulk: info({}) };
      return command === 'SET' ? { error: 'READONLY replica' } : { ok: 'OK' };
    });
    const redis = redisConnection(fake.url, { maxRetriesPerRequest: null });
    redis.on('error', () => {});
    try {
      await expect(redis.set('key', 'value')).rejects.toThrow('READONLY');
      expect(fake.connections()).toBe(2);
    } finally {
      redis.disconnect();
    }
  });
});
