import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProgressRelay } from '../../../bot/delivery/progress-relay.ts';
import { Showings } from '../../../bot/delivery/showings.ts';
import type { Platform } from '../../../bot/platform.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import type { Store } from '../../../bot/store/store.ts';
import { channelIdSchema, type JobId, jobIdSchema, messageIdSchema } from '../../../commands/ids.ts';
import type { JobProgress } from '../../../commands/job.ts';
import { watchedLog } from '../../canary.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { finish as finishJob, request, take } from '../store/requests.ts';

const log = watchedLog(() => {});
const step = (job: JobId): JobProgress => ({
  ...{ job, state: 'running', stage: 'drawing', step: 3, steps: 20, index: 0, count: 1 },
});

describe('two bots on one store', () => {
  const progress = localProgress();
  let store: Store;
  let shownBy: string[];
  let relays: ReturnType<typeof startProgressRelay>[];
  /** A platform that shows at once what is still wanted. */
  const platformOf = (process: string): Platform => ({
    id: 'discord',
    start: async () => {},
    stop: async () => {},
    async progress(_replyTo, now, isWanted) {
      if (now.state === 'running' && (await isWanted?.())) shownBy.push(process);
    },
    deliver: () => Promise.reject(new Error('Nothing is delivered here.')),
  });
  beforeEach(async () => {
    ({ store } = await openMemoryStore());
    shownBy = [];
    relays = ['a', 'b'].map((process) =>
      startProgressRelay({ store, progress, platforms: [platformOf(process)], process, log }),
    );
  });
  afterEach(async () => {
    for (const relay of relays) await relay.stop();
    await store.close();
  });
  const accept = async (): Promise<JobId> => (await store.jobs.accept(request())).job.id;
  const finish = async (job: JobId): Promise<void> => {
    const taken = await take(store);
    expect(taken.id).toBe(job);
    await finishJob(store, taken, 1);
  };
  const due = async (process: string) =>
    (await store.deliveries.claimDue(['discord'], 9, 60, process)).map(({ job }) => job.id);

  it('one of them shows a job’s progress', async () => {
    const job = await accept();
    for (let shown = 1; shown <= 3; shown++) {
      progress.publish(step(job));
      await vi.waitFor(() => expect(shownBy).toHaveLength(shown));
    }
    expect(new Set(shownBy).size).toBe(1);
  });

  it('an answer is brought by the other only when no progress can come any more', async () => {
    const job = await accept();
    progress.publish(step(job));
    await vi.waitFor(() => expect(shownBy).toHaveLength(1));
    const [owner = ''] = shownBy;
    const other = owner === 'a' ? 'b' : 'a';
    await finish(job);
    expect(await due(other)).toEqual([]);
    progress.publish({ job, state: 'finished', status: 'done' });
    await vi.waitFor(async () => expect(await due(other)).toEqual([job]));
    // A late preview, out of order: over an answer that is there, nobody shows it.
    progress.publish(step(job));
    progress.publish({ job, state: 'finished', status: 'done' });
    await store.jobs.find(job);
    expect(shownBy).toEqual([owner]);
  });

  it('a bot that was started since shows no state that a worker which lost the job tells late', async () => {
    const job = await accept();
    await finish(job);
    const [delivery] = await store.deliveries.claimDue(['discord'], 9, 60, 'a');
    const message = { channel: channelIdSchema.parse('c'), message: messageIdSchema.parse('m') };
    await store.deliveries.delivered(job, message, delivery?.claim);
    relays.push(startProgressRelay({ store, progress, platforms: [platformOf('c')], process: 'c', log }));
    const shown = vi.fn();
    const unsubscribe = progress.subscribe(shown);
    progress.publish(step(job));
    await vi.waitFor(() => expect(shown).toHaveBeenCalled());
    unsubscribe();
    for (const relay of relays.splice(0)) await relay.stop();
    expect(shownBy).toEqual([]);
  });
});

describe('what a process shows', () => {
  it('is held until shortly before its lease ends, then asked for again', async () => {
    let now = 0;
    let answers: readonly JobId[] = [];
    const asked: (readonly JobId[])[] = [];
    const deliveries = {
      claimShowing: async (jobs: readonly JobId[]) => {
        asked.push(jobs);
        return answers;
      },
      releaseShowing: async () => {},
    };
    const showings = new Showings(deliveries, 'a', () => now);
    const job = jobIdSchema.parse('01a23134-b142-7590-a9c7-8e9fcb0d5e9e');
    answers = [job];
    expect([...(await showings.claim([job]))]).toEqual([job]);
    now = 3_000;
    expect([...(await showings.claim([job]))]).toEqual([job]);
    expect(asked).toHaveLength(1);
    // An edit that began now might outlast the lease.
    now = 4_500;
    answers = [];
    expect([...(await showings.claim([job]))]).toEqual([]);
    expect(asked).toHaveLength(2);
  });
});
