import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startProgressRelay } from '../../../bot/delivery/progress-relay.ts';
import type { Platform } from '../../../bot/platform.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import type { Store } from '../../../bot/store/store.ts';
import type { JobId } from '../../../commands/ids.ts';
import type { JobProgress } from '../../../commands/job.ts';
import { watchedLog } from '../../canary.ts';
import { type MemoryStore, openMemoryStore } from '../store/memory-store.ts';
import { draw, request } from '../store/requests.ts';

describe('the progress relay', () => {
  const progress = localProgress();
  const shown: { readonly replyTo: unknown; readonly now: JobProgress }[] = [];
  const platform: Platform = {
    id: 'discord',
    start: async () => {},
    stop: async () => {},
    progress: async (replyTo, now) => void shown.push({ replyTo, now }),
    deliver: () => Promise.reject(new Error('Nothing is delivered here.')),
  };
  const lines: string[] = [];
  const log = watchedLog((line) => lines.push(line));
  let store: Store;
  let database: MemoryStore['database'];
  let relay: ReturnType<typeof startProgressRelay>;
  beforeAll(async () => {
    ({ store, database } = await openMemoryStore());
    relay = startProgressRelay({ store, progress, platforms: [platform], process: 'a', log });
  });
  afterAll(async () => {
    await relay.stop();
    await store.close();
  });

  const accept = async (spoiler: boolean): Promise<JobId> =>
    (await store.jobs.accept(request({ platform: 'discord', work: draw(), spoiler, replyTo: { spoiler } }))).job.id;
  const step = (job: JobId): JobProgress => ({
    job,
    state: 'running',
    stage: 'drawing',
    step: 3,
    steps: 20,
    index: 0,
    count: 1,
    preview: Uint8Array.of(1, 2, 3),
  });
  const runningOf = (job: JobId) => shown.filter(({ now }) => now.job === job && now.state === 'running');

  it('shows steps and previews where the request is waiting', async () => {
    const job = await accept(false);
    progress.publish(step(job));
    await vi.waitFor(() => expect(runningOf(job)).toEqual([{ replyTo: { spoiler: false }, now: step(job) }]));
  });

  it('shows no preview of a picture that will be hidden until clicked', async () => {
    const job = await accept(true);
    progress.publish(step(job));
    const { preview: _, ...hidden } = { preview: undefined, ...step(job) };
    await vi.waitFor(() => expect(runningOf(job)).toEqual([{ replyTo: { spoiler: true }, now: hidden }]));
  });

  it('tells waiting requests their places', async () => {
    const job = await accept(false);
    await vi.waitFor(() => expect(shown.some(({ now }) => now.job === job && now.state === 'queued')).toBe(true), {
      timeout: 10_000,
    });
  });

  it('says once that the store is away, however many steps cannot be shown', async () => {
    const job = await accept(false);
    await database.client.exec('alter table easel.jobs rename to jobs_away');
    progress.publish(step(job));
    progress.publish(step(job));
    await vi.waitFor(() => expect(lines.join()).toContain('jobs to be shown could not be read'));
    progress.publish(step(job));
    await database.client.exec('alter table easel.jobs_away rename to jobs');
    progress.publish(step(job));
    await vi.waitFor(() => expect(runningOf(job)).not.toEqual([]));
    expect(lines.filter((line) => line.includes('jobs to be shown'))).toHaveLength(1);
  });
});
