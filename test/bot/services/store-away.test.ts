import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { dispatch } from '../../../bot/dispatch.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import { redisRunQueue } from '../../../bot/queue/redis-queue.ts';
import { createServices } from '../../../bot/services/services.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { messagesFor } from '../../../commands/locale/index.ts';
import { watchedLog } from '../../canary.ts';
import { requestOf } from '../../commands/ask.ts';
import { mini } from '../../commands/memory-services.ts';
import { newDatabase } from '../store/stores.ts';

const SERVER = process.env.TEST_DATABASE_URL;

describe('a store whose connection breaks at a commit', () => {
  if (SERVER === undefined) it.skip('left out: TEST_DATABASE_URL names no server', () => {});
  else it('may have taken the request: nobody is told that nothing was charged', () => loseCommit(SERVER));
});

async function loseCommit(server: string): Promise<void> {
  const log = watchedLog();
  const { url, remove } = await newDatabase(server);
  const proxy = await losingCommits(Number(new URL(url).port));
  const through = new URL(url);
  through.port = String(proxy.port);
  const { store } = await openStore({ databaseUrl: through.href, folder: null });
  // Nothing listens on port 1: a request that is kept is only not announced.
  const queue = redisRunQueue('redis://127.0.0.1:1', () => {});
  const folder = await mkdtemp(join(tmpdir(), 'easel-away-'));
  const parts = { store, queue, blobs: await folderBlobs(folder), progress: localProgress(), log };
  const services = createServices({ ...parts, modelNames: ['mini'], wildcardDir: folder });
  try {
    await store.models.register('worker', [{ name: 'mini', description: mini }]);
    proxy.isLosing = true;
    const reply = await dispatch(requestOf('imagine', { prompt: 'a cat' }), services, log);
    proxy.isLosing = false;
    expect(await store.jobs.countWaiting()).toBe(1);
    expect(reply).toMatchObject({ kind: 'message', text: messagesFor('en').away.lost });
  } finally {
    await Promise.all([queue.close(), store.close(), proxy.close()]);
    await rm(folder, { recursive: true });
    await remove();
  }
}

/** In front of Postgres: while it is losing, each commit is done and its answer is lost with the connection. */
async function losingCommits(target: number) {
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    let isLost = false;
    near.on('data', (bytes) => {
      isLost ||= proxy.isLosing && bytes.includes('commit');
      far.write(bytes);
    });
    far.on('data', (bytes) => (isLost ? near.destroy() : near.write(bytes)));
    near.on('error', () => {}).on('close', () => far.end());
    far.on('error', () => {}).on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = {
    port: (server.address() as AddressInfo).port,
    isLosing: false,
    close: async () => void server.close(),
  };
  return proxy;
}
