import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GuildId } from '../../../../commands/ids.ts';
import type { Job } from '../../../../commands/job.ts';
import { mini } from '../../../commands/memory-services.ts';
import {
  draw,
  failure,
  finish,
  found,
  newGuild,
  newUser,
  recipe,
  request,
  rule,
  setRules,
  take,
  WORKER,
} from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

/** What an operator sees and does. */
export function operationsSuite({ store, removeJobs, setTime }: StoreUnderTest): void {
  describe('an operator', () => {
    beforeEach(removeJobs);
    afterEach(async () => {
      setTime(null);
      await store().operations.setMode('open');
      await removeJobs();
    });

    const seen = () => store().operations.snapshot();

    async function failed(input = request()) {
      const { job } = await store().jobs.accept(input);
      await take(store());
      await store().jobs.fail(job.id, WORKER.worker, 'failed', failure);
      return found(store(), job);
    }

    it('sees what waits, what is drawn, by whom, and what is owed', async () => {
      expect(await seen()).toMatchObject({ mode: 'open', waiting: 0, running: 0, oldestWaitSeconds: null });
      await store().models.register(WORKER.worker, [{ name: 'mini', description: mini }]);
      for (let i = 0; i < 3; i++) await store().jobs.accept(request());
      const job = await take(store());
      const now = await seen();
      expect(now).toMatchObject({ waiting: 2, running: 1, deliveriesOwed: 0 });
      expect(now.oldestWaitSeconds).toBeGreaterThanOrEqual(0);
      expect(now.line.map((each) => each.job.status)).toEqual(['running', 'queued', 'queued']);
      expect(now.workers).toEqual([
        { id: WORKER.worker, models: ['mini'], gone: false, running: 1, slots: 1, silentSeconds: expect.any(Number) },
      ]);
      await finish(store(), job);
      expect(await seen()).toMatchObject({ waiting: 2, running: 0, deliveriesOwed: 1 });
      await store().models.unregister(WORKER.worker);
    });

    it('sees how much waits by what its guild has in line, and since when', async () => {
      const HOUR = 3600;
      /** In whole hours: a test takes none. */
      const depth = async () =>
        (await store().jobs.queueDepth()).map(({ load, jobs, oldestSeconds }) => [
          load,
          jobs,
          Math.floor(oldestSeconds / HOUR),
        ]);
      const ask = async (guild: GuildId, count: number, hoursAgo: number): Promise<Job[]> => {
        setTime(new Date(Date.now() - hoursAgo * HOUR * 1000));
        const asked: Job[] = [];
        for (let index = 0; index < count; index++) asked.push((await store().jobs.accept(request({ guild }))).job);
        return asked;
      };
      const [little, much] = [newGuild(), newGuild()];
      await setRules(store(), much, {});
      expect(await depth()).toEqual([
        ['light', 0, 0],
        ['busy', 0, 0],
        ['crowded', 0, 0],
      ]);
      const [oldest] = await ask(little, 1, 9);
      await ask(little, 2, 7);
      await ask(much, 1, 5);
      await ask(much, 20, 3);
      expect(await depth()).toEqual([
        ['light', 3, 9],
        ['busy', 0, 0],
        ['crowded', 21, 5],
      ]);
      await store().jobs.cancel(oldest!.id);
      const taken = [await take(store()), await take(store())];
      expect(taken.map(({ origin }) => origin.guild).sort()).toEqual([little, much].sort());
      expect(await depth()).toEqual([
        ['light', 1, 7],
        ['busy', 20, 3],
        ['crowded', 0, 0],
      ]);
      expect((await seen()).oldestWaitSeconds).toBeGreaterThan(7 * HOUR);
      for (const { id } of taken) await store().jobs.release(id, WORKER.worker);
      expect(await depth()).toEqual([
        ['light', 2, 7],
        ['busy', 0, 0],
        ['crowded', 21, 5],
      ]);
    });

    it('sees the use of all guilds by day', async () => {
      const before = (await seen()).usage.at(-1);
      const { job } = await store().jobs.accept(request({ guild: newGuild(), work: draw(3) }));
      await take(store());
      await finish(store(), job, 12);
      const today = (await seen()).usage.at(-1);
      expect(today?.day).toBe(new Date().toISOString().slice(0, 10));
      expect(today!.pictures - (before?.pictures ?? 0)).toBeCloseTo(3);
      expect(today!.seconds - (before?.seconds ?? 0)).toBeCloseTo(12);
    });

    it('pauses: requests are taken, and begun when it is over', async () => {
      await store().operations.setMode('paused');
      const { job } = await store().jobs.accept(request());
      expect(await store().jobs.takeNext(WORKER)).toBeNull();
      await store().operations.setMode('open');
      expect((await take(store())).id).toBe(job.id);
    });

    it('lets what waits be drawn while it drains', async () => {
      const { job } = await store().jobs.accept(request());
      await store().operations.setMode('draining');
      expect(await store().operations.mode()).toBe('draining');
      expect((await take(store())).id).toBe(job.id);
    });

    it('sees failures with their cause, the newest first, and has them drawn anew, once', async () => {
      const first = await failed(request({ replyTo: { token: 'first' } }));
      const second = await failed();
      expect((await seen()).failures.map(({ job, what, cause }) => [job.id, what, cause])).toEqual([
        [second.id, 'drawing', failure.message],
        [first.id, 'drawing', failure.message],
      ]);
      const retry = await store().operations.retry(first.id);
      expect(await store().operations.retry(first.id)).toBeNull();
      const again = await take(store());
      expect([retry?.failed.id, retry?.again.id]).toEqual([first.id, again.id]);
      expect((await seen()).failures.map((failure) => failure.retry?.id)).toEqual([undefined, again.id]);
      expect(again).toMatchObject({
        work: first.work,
        origin: { user: first.origin.user, channel: first.origin.channel },
      });
      expect(await store().jobs.replyTo(again.id)).toEqual({ token: 'first' });
      expect(await store().jobs.takeNext(WORKER)).toBeNull();
    });

    it.each(['banned', 'blocked', 'paused'] as const)('does not retry for whom or what is %s since', async (rule) => {
      const job = await failed();
      const { guild, user } = job.origin;
      const changes = { banned: { banned: [user] }, blocked: { blocked: [recipe.prompt] }, paused: { paused: true } };
      await setRules(store(), guild, changes[rule]);
      await expect(store().operations.retry(job.id)).rejects.toMatchObject({ code: 'not_allowed' });
      expect(await store().jobs.countWaiting()).toBe(0);
    });

    it('does not retry what goes on or went well', async () => {
      const { job } = await store().jobs.accept(request());
      expect(await store().operations.retry(job.id)).toBeNull();
      await finish(store(), await take(store()));
      expect(await store().operations.retry(job.id)).toBeNull();
    });

    it('is bound by quotas, too', async () => {
      const [guild, user] = [newGuild(), newUser()];
      const job = await failed(request({ guild, user }));
      await setRules(store(), guild, { quotas: [rule({ amount: 0.5 })] });
      await expect(store().operations.retry(job.id)).rejects.toMatchObject({ name: 'UserError' });
    });

    it('sees refused messages, and has them owed again', async () => {
      const { job } = await store().jobs.accept(request());
      await finish(store(), await take(store()));
      await store().deliveries.refused(job.id, 'The channel is gone.');
      expect((await seen()).failures).toEqual([
        { job: await found(store(), job), what: 'delivery', cause: 'The channel is gone.', retry: null },
      ]);
      expect(await store().operations.retry(job.id)).toMatchObject({ failed: { id: job.id }, again: { id: job.id } });
      expect(await seen()).toMatchObject({ deliveriesOwed: 1, failures: [] });
      const [owed] = await store().deliveries.claimDue(['discord'], 10, 60);
      expect(owed?.job.id).toBe(job.id);
    });
  });
}
