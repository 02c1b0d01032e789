import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import { DatabaseError } from '../../../bot/store/database.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { freePort } from '../../../tools/chaos/servers/ports.ts';
import { newDatabase } from './stores.ts';

const SERVER = process.env.TEST_DATABASE_URL;
const PROGRAM = '/usr/sbin/pgbouncer';

/** A PgBouncer before the test's Postgres, in the given mode. It refuses to run as root. */
async function startPooler(database: string, mode: 'session' | 'transaction') {
  const folder = await mkdtemp(join(tmpdir(), 'easel-pooler-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  const { hostname, port: serverPort, username, pathname } = new URL(database);
  const settings = [
    '[databases]',
    `* = host=${hostname} port=${serverPort} user=${username} dbname=${pathname.slice(1)}`,
    '[pgbouncer]',
    ...['listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = any'],
    ...[`pool_mode = ${mode}`, 'default_pool_size = 30', 'max_client_conn = 100'],
  ];
  await writeFile(join(folder, 'settings.ini'), settings.join('\n'));
  const command = [PROGRAM, '-q', join(folder, 'settings.ini')];
  const isRoot = process.getuid?.() === 0;
  const [program = PROGRAM, ...args] = isRoot
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command]
    : command;
  const child: ChildProcess = spawn(program, args, { stdio: 'ignore' });
  while (!(await answers(port))) await sleep(20);
  return {
    url: `postgres://easel@127.0.0.1:${port}/any`,
    async stop(): Promise<void> {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => socket.destroy());
    socket.on('connect', () => socket.destroy());
  });
}

describe('Postgres behind PgBouncer', () => {
  if (SERVER === undefined) {
    it.skip('left out: TEST_DATABASE_URL names no server', () => {});
    return;
  }
  beforeAll(() => access(PROGRAM));

  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const pooled = async (mode: 'session' | 'transaction') => {
    const { url, remove } = await newDatabase(SERVER);
    ends.push(remove);
    const pooler = await startPooler(url, mode);
    ends.push(() => pooler.stop());
    return pooler.url;
  };

  it('works in session mode, the queue included', async () => {
    const { store, database } = await openStore({ databaseUrl: await pooled('session'), folder: null });
    ends.push(() => store.close());
    const queue = await openRunQueue(undefined, database, () => {});
    ends.push(() => queue.close());
    await expect(queue.requireWritable()).resolves.toBeUndefined();
    expect(await queue.countWaiting()).toBe(0);
  });

  it('is refused in transaction mode, in one line', async () => {
    const opening = openStore({ databaseUrl: await pooled('transaction'), folder: null });
    await expect(opening).rejects.toThrow(DatabaseError);
    await expect(opening).rejects.toThrow(/transaction mode.*session mode/);
  });
});
