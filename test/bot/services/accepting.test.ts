import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { dispatch } from '../../../bot/dispatch.ts';
import { createHost } from '../../../bot/host.ts';
import { redisRunQueue } from '../../../bot/queue/redis-queue.ts';
import { rememberedFor } from '../../../bot/services/remembered.ts';
import { requestOf } from '../../commands/ask.ts';
import { mini } from '../../commands/memory-services.ts';
import { request } from '../store/requests.ts';
import { openServices } from './memory-parts.ts';

test('a service that drains takes no new requests, and says so', async () => {
  const { store, services, close } = await openServices();
  const { jobs } = services;
  try {
    await store.operations.setMode('draining');
    const refused = { name: 'UserError', message: expect.stringContaining('takes no new requests') };
    await expect(jobs.accept(request())).rejects.toMatchObject(refused);
    expect(await store.jobs.countWaiting()).toBe(0);
    await store.operations.setMode('open');
    await vi.waitFor(() => jobs.accept(request()), { timeout: 10_000, interval: 100 });
    expect(await store.jobs.countWaiting()).toBe(1);
  } finally {
    await close();
  }
});

test('a request is kept while the queue is away, and its person hears that it takes longer', async () => {
  // Nothing listens on port 1.
  const { store, services, log, close } = await openServices(redisRunQueue('redis://127.0.0.1:1', () => {}));
  await store.models.register('worker', [{ name: 'mini', description: mini }]);
  try {
    const reply = await dispatch(requestOf('imagine', { prompt: 'a cat' }), services, log);
    expect(reply).toMatchObject({ kind: 'accepted', text: expect.stringContaining('Busy') });
    expect(await store.jobs.countWaiting()).toBe(1);
  } finally {
    await close();
  }
});

test('where direct conversations are switched off nothing is drawn in them, and people still reach what is theirs', async () => {
  const { store, services, log, close } = await openServices();
  await store.models.register('worker', [{ name: 'mini', description: mini }]);
  const blobs = { get: async () => new Uint8Array() };
  const host = createHost({ services, store, blobs, directMessages: false, log, giveUp: () => {} });
  try {
    const group = { guild: '@me', channel: 'group' };
    for (const person of [{ direct: true }, group]) {
      const reply = await host.dispatch(requestOf('imagine', { prompt: 'a cat' }, person));
      expect(reply).toMatchObject({ visibility: 'private', text: expect.stringContaining('direct conversations') });
      const own = await host.dispatch(requestOf('history', {}, person));
      expect(own).not.toMatchObject({ text: expect.stringContaining('direct conversations') });
    }
    expect(await store.jobs.countWaiting()).toBe(0);
    expect(await host.dispatch(requestOf('imagine', { prompt: 'a cat' }))).toMatchObject({ kind: 'accepted' });
  } finally {
    await close();
  }
});

test('while the store is away a person is asked to try again, in their language', async () => {
  const { services, log, close } = await openServices();
  // Nothing listens on port 1.
  const away = new pg.Pool({ connectionString: 'postgres://easel@127.0.0.1:1/easel' });
  const of = async (): Promise<never> => {
    await away.query('select');
    throw new Error('Something answered on port 1.');
  };
  const settings = { ...services.settings, of };
  try {
    const ask = (locale: string) =>
      dispatch(requestOf('imagine', { prompt: 'a cat' }, { locale }), { ...services, settings }, log);
    expect(await ask('en')).toMatchObject({
      visibility: 'private',
      text: expect.stringContaining('try again in a moment'),
    });
    expect(await ask('de')).toMatchObject({
      visibility: 'private',
      text: expect.stringContaining('gleich noch einmal'),
    });
  } finally {
    await away.end();
    await close();
  }
});

test('what is remembered is asked for once, and again when it failed', async () => {
  let asked = 0;
  const ask = rememberedFor(60_000, async () => {
    asked += 1;
    if (asked === 1) throw new Error('away');
    return asked;
  });
  await expect(ask()).rejects.toThrow('away');
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([2, 2, 2]);
  expect(await ask()).toBe(2);
});
