import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { checkDatabase, checkPort } from '../../../bot/cli/health-checks.ts';
import { startMonitor } from '../../../bot/monitor/monitor.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { newDatabase } from '../store/stores.ts';

const SERVER = process.env.TEST_DATABASE_URL;

describe('a port', () => {
  const host = '127.0.0.1';
  const check = (number: number) =>
    checkPort({ name: 'Monitor', setting: 'MONITOR_PORT', host, number }, { path: '/healthz', answer: /^ok$/ });

  it('is well where it is free or an Easel’s, and named with its setting where another program has it', async () => {
    const monitor = await startMonitor({ host, port: 0, checks: [], registry: new Registry() });
    const ours = Number(new URL(monitor.address).port);
    expect(await check(ours)).toMatchObject({ status: 'ok', found: expect.stringContaining('an Easel answers') });
    await monitor.stop();
    expect(await check(ours)).toMatchObject({ status: 'ok', found: expect.stringContaining('is free') });

    const other = createServer((_, response) => response.end('a shop')).listen(0, host);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await check(port)).toMatchObject({ status: 'missing', fix: expect.stringContaining('MONITOR_PORT') });
    other.close();
  });
});

describe('a Postgres store', () => {
  if (SERVER === undefined) it.skip('left out: TEST_DATABASE_URL names no server', () => {});
  else it('tells its version, and is left as it was', () => tellVersions(SERVER));
});

async function tellVersions(server: string): Promise<void> {
  const { url, remove } = await newDatabase(server);
  try {
    const untouched = { status: 'ok', found: expect.stringMatching(/schema 0 of \d+/) };
    expect(await checkDatabase(url)).toMatchObject(untouched);
    expect(await checkDatabase(url)).toMatchObject(untouched);
    const { store } = await openStore({ databaseUrl: url, folder: null });
    await store.close();
    expect((await checkDatabase(url)).found).toMatch(/schema (\d+) of \1$/);
    expect((await checkDatabase(`${url}-gone`)).fix).toContain('createdb');
    await setNewer(url);
    expect(await checkDatabase(url)).toMatchObject({ status: 'missing', fix: expect.stringContaining('update this') });
  } finally {
    await remove();
  }
}

/** As an Easel of the future leaves it. */
async function setNewer(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`insert into easel_migrations.applied (hash, created_at) values ('newer', 99999999999999)`);
  await client.end();
}
