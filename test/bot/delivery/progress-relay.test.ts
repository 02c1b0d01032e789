import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startProgressRelay } from '../../../bot/delivery/progress-relay.ts';
import type { Platform } from '../../../bot/platform.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import type { Store } from '../../../bot/store/store.ts';
import type { JobId } from '../../../commands/ids.ts';
import type { JobProgress } from '../../../commands/job.ts';
import { watchedLog } from '../../canary.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { draw, request } from '../store/requests.ts';

const log = watchedLog();

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
  let store: Store;
  let relay: ReturnType<typeof startProgressRelay>;
  beforeAll(async () => {
    ({ store } = await openMemoryStore());
    relay = startProgressRelay({ store, progress, platforms: [platform], log });
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
});
