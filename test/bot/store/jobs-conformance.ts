import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../bot/store/store.ts';
import { type JobId, jobIdSchema } from '../../../commands/ids.ts';
import { MAX_ATTEMPTS } from '../../../commands/job.ts';
import { channelId, drain, draw, lease, messageId, newGuild, newUser, pictures, request } from './harness.ts';

const UNKNOWN = jobIdSchema.parse('019a0000-0000-7000-8000-000000000000');
const other = { worker: 'worker-2', seconds: 60 };
const gone = { worker: 'worker-3', seconds: -1 };
const failure = { code: 'internal', message: 'It broke.' };

/** A job's life: accepted once, taken by one, ended once. */
export function jobConformance(open: () => Store): void {
  describe('jobs', () => {
    let store: Store;
    beforeEach(async () => {
      store = open();
      await drain(store);
    });
    const newJob = async (count = 1) => {
      const who = { guild: newGuild(), user: newUser() };
      return (await store.jobs.accept(request(who, draw({}, count)))).job;
    };
    const statusOf = async (id: JobId) => (await store.jobs.find(id))?.status;

    it('are kept as they were asked', async () => {
      const input = request({ guild: newGuild(), user: newUser() }, draw({ prompt: `'; drop -- "\\ 🐈\n` }, 3));
      const { job, place, repeated } = await store.jobs.accept({ ...input, visibility: 'private', spoiler: true });
      expect(repeated).toBe(false);
      expect(place).toBe(0);
      expect(job).toMatchObject({ origin: input.origin, work: input.work, visibility: 'private', spoiler: true });
      expect(job).toMatchObject({ status: 'queued', attempts: 0, measuredSeconds: null, failure: null });
      expect(job.reservedSeconds).toBeGreaterThan(0);
      expect(await store.jobs.find(job.id)).toEqual(job);
      expect(await store.jobs.replyTo(job.id)).toEqual({ token: 'first' });
      expect(await store.jobs.find(UNKNOWN)).toBeNull();
    });

    it('are one for the same event, however often and at once it comes', async () => {
      const input = request({ guild: newGuild(), user: newUser() });
      const accepted = await Promise.all(Array.from({ length: 20 }, () => store.jobs.accept(input)));
      expect(new Set(accepted.map(({ job }) => job.id)).size).toBe(1);
      expect(accepted.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(await store.jobs.countWaiting()).toBe(1);
    });

    it('have ids that sort by the time of their making', async () => {
      const ids = [];
      for (let i = 0; i < 5; i++) ids.push((await newJob()).id);
      expect([...ids].sort()).toEqual(ids);
    });

    it('are found by their placeholder, whose handle replaces the first', async () => {
      const { id } = await newJob();
      const message = { channel: channelId('c'), message: messageId(`m-${id}`) };
      await store.jobs.keepReplyTo(id, { token: 'second' });
      expect(await store.jobs.replyTo(id)).toEqual({ token: 'second' });
      await store.jobs.keepReplyTo(id, { token: 'third' }, message);
      await store.jobs.keepReplyTo(id, { token: 'third' }, message);
      expect((await store.jobs.ofMessage('discord', message.channel, message.message))?.id).toBe(id);
      expect(await store.jobs.ofMessage('slack', message.channel, message.message)).toBeNull();
      expect(await store.jobs.replyTo(UNKNOWN)).toBeNull();
      await store.jobs.keepReplyTo(UNKNOWN, {}, message);
    });

    it('are taken by one worker, counted, and done once', async () => {
      const { id } = await newJob(2);
      expect(await store.jobs.takeNext(lease)).toMatchObject({ id, status: 'running', attempts: 1 });
      expect(await store.jobs.takeNext(other)).toBeNull();
      expect(await store.jobs.finish(id, other.worker, pictures(2), 3)).toBe(false);
      expect(await store.jobs.finish(id, lease.worker, pictures(2), 3)).toBe(true);
      expect(await store.jobs.finish(id, lease.worker, pictures(2), 3)).toBe(false);
      expect(await store.jobs.fail(id, lease.worker, 'failed', failure)).toBe(false);
      expect(await store.jobs.find(id)).toMatchObject({ status: 'done', measuredSeconds: 3 });
      expect(await store.pictures.ofJob(id)).toHaveLength(2);
    });

    it('are taken once each by many workers at the same time', async () => {
      const made = new Set((await Promise.all(Array.from({ length: 12 }, () => newJob()))).map(({ id }) => id));
      const taken = await Promise.all(Array.from({ length: 16 }, () => store.jobs.takeNext(lease)));
      const ids = taken.flatMap((job) => (job === null ? [] : [job.id]));
      expect(new Set(ids)).toEqual(made);
      expect(ids).toHaveLength(12);
    });

    it('fail with a reason', async () => {
      const { id } = await newJob();
      await store.jobs.takeNext(lease);
      expect(await store.jobs.fail(id, other.worker, 'failed', failure)).toBe(false);
      expect(await store.jobs.fail(id, lease.worker, 'failed', failure)).toBe(true);
      expect(await store.jobs.find(id)).toMatchObject({ status: 'failed', failure, measuredSeconds: null });
    });

    it('are cancelled at once where they wait, and by their worker where they run', async () => {
      const [waiting, running] = [await newJob(), await newJob()];
      const first = await store.jobs.takeNext(lease);
      const [begun, queued] = first?.id === waiting.id ? [waiting, running] : [running, waiting];
      expect(await store.jobs.cancel(queued.id)).toBe('cancelled');
      expect(await store.jobs.cancel(queued.id)).toBe('finished');
      expect(await store.jobs.renew(begun.id, lease)).toEqual({ held: true, cancelled: false });
      expect(await store.jobs.cancel(begun.id)).toBe('stopping');
      expect(await store.jobs.renew(begun.id, lease)).toEqual({ held: true, cancelled: true });
      expect(await store.jobs.fail(begun.id, lease.worker, 'cancelled', failure)).toBe(true);
      expect(await store.jobs.cancel(begun.id)).toBe('finished');
      expect(await store.jobs.cancel(UNKNOWN)).toBe('unknown');
      expect(await store.jobs.takeNext(lease)).toBeNull();
    });

    it('that finish after they were told to stop are cancelled: the person was told that it costs nothing', async () => {
      const { id } = await newJob();
      await store.jobs.takeNext(lease);
      await store.jobs.cancel(id);
      expect(await store.jobs.finish(id, lease.worker, pictures(1), 3)).toBe(false);
      expect(await statusOf(id)).toBe('cancelled');
      expect(await store.pictures.ofJob(id)).toEqual([]);
    });

    it('go back in line before what their member asked later, and keep their attempts', async () => {
      const who = { guild: newGuild(), user: newUser() };
      const { job: first } = await store.jobs.accept(request(who));
      await store.jobs.accept(request(who));
      await store.jobs.takeNext(lease);
      await store.jobs.release(first.id, other.worker);
      expect(await statusOf(first.id)).toBe('running');
      await store.jobs.release(first.id, lease.worker);
      expect(await store.jobs.renew(first.id, lease)).toMatchObject({ held: false });
      expect(await store.jobs.takeNext(lease)).toMatchObject({ id: first.id, attempts: 2 });
    });

    it('that are released after a wish to cancel are cancelled', async () => {
      const { id } = await newJob();
      await store.jobs.takeNext(lease);
      await store.jobs.cancel(id);
      await store.jobs.release(id, lease.worker);
      expect(await statusOf(id)).toBe('cancelled');
    });

    it('come back from a worker that has vanished, which then changes nothing any more', async () => {
      const { id } = await newJob();
      await store.jobs.takeNext(gone);
      expect((await store.jobs.reclaimExpired()).map((job) => [job.id, job.status])).toEqual([[id, 'queued']]);
      expect(await store.jobs.reclaimExpired()).toEqual([]);
      expect(await store.jobs.takeNext(lease)).toMatchObject({ id, attempts: 2 });
      expect(await store.jobs.renew(id, gone)).toEqual({ held: false, cancelled: false });
      expect(await store.jobs.finish(id, gone.worker, pictures(1), 1)).toBe(false);
      expect(await store.jobs.finish(id, lease.worker, pictures(1), 1)).toBe(true);
    });

    it('keep their worker while it shows signs of life', async () => {
      const { id } = await newJob();
      await store.jobs.takeNext(gone);
      expect(await store.jobs.renew(id, { worker: gone.worker, seconds: 60 })).toMatchObject({ held: true });
      expect(await store.jobs.reclaimExpired()).toEqual([]);
      await store.jobs.expireLeases();
      expect(await store.jobs.reclaimExpired()).toMatchObject([{ id, status: 'queued' }]);
    });

    it('that vanish with their workers over and over fail', async () => {
      const { id } = await newJob();
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        expect(await store.jobs.takeNext(gone)).toMatchObject({ id, attempts: attempt });
        await store.jobs.reclaimExpired();
      }
      expect(await store.jobs.find(id)).toMatchObject({ status: 'failed', failure: { code: 'crashed' } });
      expect(await store.jobs.takeNext(lease)).toBeNull();
    });

    it('measured make later ones priced by what they took', async () => {
      const who = { guild: newGuild(), user: newUser() };
      const model = { name: `model-${who.user}`, hash: 'ab' };
      const price = async (steps: number) => {
        const { job } = await store.jobs.accept(request(who, draw({ model, steps })));
        return job.reservedSeconds;
      };
      await price(20);
      const taken = await store.jobs.takeNext(lease);
      await store.jobs.finish(taken!.id, lease.worker, pictures(1), 40);
      expect(await price(20)).toBeCloseTo(40);
      expect(await price(40)).toBeGreaterThan(70);
    });
  });
}
