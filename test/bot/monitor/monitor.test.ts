import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMetrics } from '../../../bot/monitor/metrics.ts';
import { type Check, type Monitor, startMonitor } from '../../../bot/monitor/monitor.ts';
import { observeProgress } from '../../../bot/monitor/observe-progress.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import type { JobProgress } from '../../../commands/job.ts';
import { watchedLog } from '../../canary.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { request } from '../store/requests.ts';

const dashboardSchema = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
});
const log = watchedLog();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(checks: readonly Check[] = []) {
  const { store } = await openMemoryStore();
  ends.push(() => store.close());
  const metrics = createMetrics(store);
  const monitor = await startMonitor({ host: '127.0.0.1', port: 0, checks, registry: metrics.registry });
  ends.push(() => monitor.stop());
  return { store, metrics, monitor };
}

async function scrape({ address }: Monitor): Promise<string> {
  return (await fetch(`${address}/metrics`)).text();
}

describe('the monitor', () => {
  it('is ready while all its parts answer, and says which does not', async () => {
    let fault: Error | null = null;
    const check = { name: 'queue', answer: async () => (fault === null ? 1 : Promise.reject(fault)) };
    const { monitor } = await open([{ name: 'store', answer: async () => {} }, check]);
    const ready = await fetch(`${monitor.address}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { store: 'ok', queue: 'ok' }]);
    fault = new Error('redis://user:secret@host');
    const unready = await fetch(`${monitor.address}/readyz`);
    expect([unready.status, await unready.json()]).toEqual([503, { store: 'ok', queue: 'no answer' }]);
    expect((await fetch(`${monitor.address}/healthz`)).status).toBe(200);
  });

  it('does not wait for a part that hangs', async () => {
    const { monitor } = await open([{ name: 'store', answer: () => new Promise(() => {}) }]);
    expect((await fetch(`${monitor.address}/readyz`)).status).toBe(503);
  });

  it('tells nothing to a site that points its own name here', async () => {
    const { monitor } = await open();
    const { hostname, port } = new URL(monitor.address);
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      get({ hostname, port, path: '/metrics', headers: { host: 'evil.example' } }, resolve).once('error', reject);
    });
    expect((await answer).resume().statusCode).toBe(421);
  });

  it('says in one line that its port is taken', async () => {
    const { monitor, metrics } = await open();
    const port = Number(new URL(monitor.address).port);
    const second = startMonitor({ host: '127.0.0.1', port, checks: [], registry: metrics.registry });
    await expect(second).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken by another program: set MONITOR_PORT`);
  });
});

describe('metrics', () => {
  it('are all that the Grafana dashboard asks for', async () => {
    const { metrics, monitor } = await open();
    metrics.watchEngine(async () => null);
    const exported = new Set(
      (await scrape(monitor)).match(/^# TYPE (\w+)/gm)?.map((line) => line.slice('# TYPE '.length)),
    );
    const file = new URL('../../../monitoring/grafana-dashboard.json', import.meta.url);
    const panels = dashboardSchema.parse(JSON.parse(await readFile(file, 'utf8'))).panels;
    expect(panels.length).toBeGreaterThan(5);
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const asked = expr.match(/easel_\w+/g) ?? [];
        expect(asked, title).not.toEqual([]);
        const unknown = asked.filter(
          (name) => !exported.has(name) && !exported.has(name.replace(/_(bucket|sum|count)$/, '')),
        );
        expect(unknown, title).toEqual([]);
      }
    }
  });

  it('tell what waits, what has ended and how long it took', async () => {
    const { store, metrics, monitor } = await open();
    const heard: JobProgress[] = [];
    const bus = observeProgress(localProgress(), metrics, store, log);
    bus.subscribe((progress) => heard.push(progress));
    const { job } = await store.jobs.accept(request());
    metrics.watchEngine(async () => 4096);
    expect(await scrape(monitor)).toContain('easel_jobs_waiting{guilds="light"} 1');
    await store.jobs.takeNext({ worker: 'w', seconds: 60 });
    const running = { job: job.id, state: 'running', stage: 'drawing', steps: 20, index: 0, count: 1 } as const;
    for (const step of [1, 1, 2, 3]) bus.publish({ ...running, step });
    bus.publish({ job: job.id, state: 'restarting' });
    await store.jobs.fail(job.id, 'w', 'failed', { code: 'internal', message: 'It broke.' });
    bus.publish({ job: job.id, state: 'finished', status: 'failed' });
    await expect
      .poll(() => scrape(monitor))
      .toContain('easel_jobs_ended_total{platform="discord",kind="draw",status="failed"} 1');
    const text = await scrape(monitor);
    for (const line of [
      'easel_jobs_waiting{guilds="light"} 0',
      'easel_oldest_wait_seconds{guilds="crowded"} 0',
      'easel_engine_resident_memory_bytes 4096',
      `easel_refunded_seconds_total{status="failed"} ${job.reservedSeconds}`,
      'easel_batch_pictures_count 3',
      'easel_deliveries_owed 1',
      'easel_jobs_restarted_total 1',
      'easel_step_seconds_count 2',
      'easel_job_wait_seconds_count{platform="discord"} 1',
    ]) {
      expect(text).toContain(line);
    }
    expect(heard).toHaveLength(6);
  });
});
