import { afterEach, describe, expect, it } from 'vitest';
import { chargedTo, failure, finish, found, newGuild, OTHER_WORKER, request, take, WORKER } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

/** A lease that has run out as soon as it is given: its worker has vanished. */
const VANISHING = { worker: WORKER.worker, seconds: 0 };

/** Many workers, of which any may vanish: each job is one worker's at a time. */
export function leaseSuite({ store, removeJobs, tamper, drifted }: StoreUnderTest): void {
  describe('a lease', () => {
    afterEach(removeJobs);

    it('gives each job to one worker, however many ask at once', async () => {
      for (let index = 0; index < 12; index++) await store().jobs.accept(request());
      const taken = await Promise.all(Array.from({ length: 20 }, () => store().jobs.takeNext(WORKER)));
      const ids = taken.flatMap((job) => (job === null ? [] : [job.id]));
      expect(ids).toHaveLength(12);
      expect(new Set(ids).size).toBe(12);
      expect(await store().jobs.reclaimExpired()).toEqual([]);
    });

    it.each(['easel.guild_shares', 'easel.member_shares'])(
      'is given although the sums of %s are wrong, which are mended and told',
      async (table) => {
        const { job } = await store().jobs.accept(request());
        await tamper(`update ${table} set waiting = 0, waiting_seconds = 0`);
        expect((await store().jobs.takeNext(WORKER))?.id).toBe(job.id);
        expect(drifted.splice(0)).toEqual([job.origin.guild]);
        expect(await store().jobs.takeNext(WORKER)).toBeNull();
        expect(drifted).toEqual([]);
        expect(await store().jobs.countWaiting()).toBe(0);
      },
    );

    it('keeps others from ending the job', async () => {
      const { job } = await store().jobs.accept(request());
      const taken = await take(store());
      expect(await store().jobs.renew(job.id, WORKER)).toEqual({ held: true, cancelled: false });
      expect((await store().jobs.renew(job.id, OTHER_WORKER)).held).toBe(false);
      expect(await finish(store(), taken, 1, OTHER_WORKER.worker)).toBe(false);
      expect(await store().jobs.fail(job.id, OTHER_WORKER.worker, 'failed', failure)).toBe(false);
      await store().jobs.release(job.id, OTHER_WORKER.worker);
      expect(await found(store(), job)).toMatchObject({ status: 'running' });
      expect(await store().pictures.ofJob(job.id)).toEqual([]);
    });

    it('ends with the job: nothing that ended ends again', async () => {
      const { job } = await store().jobs.accept(request());
      const taken = await take(store());
      const ends = await Promise.all([
        finish(store(), taken, 1),
        finish(store(), taken, 2),
        store().jobs.fail(job.id, WORKER.worker, 'failed', failure),
        store().jobs.fail(job.id, WORKER.worker, 'cancelled', failure),
      ]);
      expect(ends.filter(Boolean)).toHaveLength(1);
      const { status, measuredSeconds } = await found(store(), job);
      expect(await store().jobs.renew(job.id, WORKER)).toMatchObject({ held: false });
      await store().jobs.release(job.id, WORKER.worker);
      expect(await store().jobs.takeNext(WORKER)).toBeNull();
      expect((await chargedTo(store(), job.origin.guild)).seconds).toBeCloseTo(measuredSeconds ?? 0);
      expect((await store().pictures.ofJob(job.id)).length).toBe(status === 'done' ? 1 : 0);
      expect(await store().deliveries.countOwed()).toBe(1);
    });

    it('is given back: the job is the first of its member’s, and the attempt stays counted', async () => {
      const guild = newGuild();
      const user = 'member';
      const { job: first } = await store().jobs.accept(request({ guild, user }));
      const { job: second } = await store().jobs.accept(request({ guild, user }));
      await take(store());
      await store().jobs.release(first.id, WORKER.worker);
      expect(await found(store(), first)).toMatchObject({ status: 'queued', attempts: 1 });
      expect(await store().jobs.countWaiting()).toBe(2);
      expect(await take(store())).toMatchObject({ id: first.id, attempts: 2 });
      expect(await take(store())).toMatchObject({ id: second.id, attempts: 1 });
    });

    it('that has run out puts the job back in line, and its worker is not heard any more', async () => {
      const { job } = await store().jobs.accept(request());
      const lost = await take(store(), VANISHING);
      expect((await store().jobs.reclaimExpired()).map(({ id }) => id)).toEqual([job.id]);
      expect(await store().jobs.reclaimExpired()).toEqual([]);
      expect((await store().jobs.renew(job.id, WORKER)).held).toBe(false);
      expect(await finish(store(), lost)).toBe(false);
      const again = await take(store(), OTHER_WORKER);
      expect(again).toMatchObject({ id: job.id, attempts: 2 });
      expect(await finish(store(), lost)).toBe(false);
      expect(await finish(store(), again, 3, OTHER_WORKER.worker)).toBe(true);
      expect(await chargedTo(store(), job.origin.guild)).toEqual({ pictures: 1, seconds: 3 });
      expect(await store().pictures.ofJob(job.id)).toHaveLength(1);
    });

    it('leaves behind what may be lost once, and is then charged nothing', async () => {
      const { job } = await store().jobs.accept(request());
      await store().jobs.lose(job.id, failure);
      expect(await found(store(), job)).toMatchObject({ status: 'queued' });
      await finish(store(), await take(store()), 3);
      await Promise.all([store().jobs.lose(job.id, failure), store().jobs.lose(job.id, failure)]);
      expect(await found(store(), job)).toMatchObject({ status: 'failed', failure, measuredSeconds: null });
      expect(await store().pictures.ofJob(job.id)).toEqual([]);
      expect(await chargedTo(store(), job.origin.guild)).toEqual({ pictures: 0, seconds: 0 });
      expect(await store().deliveries.countOwed()).toBe(1);
    });

    it('that has run out three times ends the job with one explanation and no charge', async () => {
      const { job } = await store().jobs.accept(request({ locale: 'de' }));
      for (let attempt = 1; attempt <= 3; attempt++) {
        expect(await take(store(), VANISHING)).toMatchObject({ id: job.id, attempts: attempt });
        await store().jobs.reclaimExpired();
      }
      expect(await store().jobs.takeNext(WORKER)).toBeNull();
      const ended = await found(store(), job);
      expect(ended).toMatchObject({ status: 'failed', failure: { code: 'crashed' } });
      expect(ended.failure?.message).not.toBe('');
      expect(await chargedTo(store(), job.origin.guild)).toEqual({ pictures: 0, seconds: 0 });
      expect(await store().deliveries.countOwed()).toBe(1);
    });

    it('that has run out after a wish to cancel ends the job as cancelled', async () => {
      const { job } = await store().jobs.accept(request());
      await take(store(), VANISHING);
      expect(await store().jobs.cancel(job.id)).toBe('stopping');
      await store().jobs.reclaimExpired();
      expect(await found(store(), job)).toMatchObject({ status: 'cancelled' });
      expect(await store().jobs.takeNext(WORKER)).toBeNull();
      expect(await chargedTo(store(), job.origin.guild)).toEqual({ pictures: 0, seconds: 0 });
    });

    it('that is renewed in time does not run out', async () => {
      const { job } = await store().jobs.accept(request());
      await take(store(), VANISHING);
      expect((await store().jobs.renew(job.id, WORKER)).held).toBe(true);
      expect(await store().jobs.reclaimExpired()).toEqual([]);
      expect(await found(store(), job)).toMatchObject({ status: 'running' });
    });
  });
}
