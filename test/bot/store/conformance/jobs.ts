import { afterEach, describe, expect, it } from 'vitest';
import { channelIdSchema, jobIdSchema, messageIdSchema } from '../../../../commands/ids.ts';
import {
  chargedTo,
  draw,
  drawn,
  failure,
  finish,
  found,
  newGuild,
  newUser,
  request,
  take,
  WORKER,
} from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

const PLATFORMS = ['discord', 'slack'] as const;

/** A job from being asked for to its one end. */
export function jobSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('a job', () => {
    afterEach(removeJobs);

    it('goes from the request to the delivered pictures', async () => {
      const input = request({ work: draw(2), replyTo: { token: 'a' } });
      const accepted = await store().jobs.accept(input);
      expect(accepted).toMatchObject({ place: 0, repeated: false });
      expect(accepted.expectedSeconds).toBeGreaterThan(0);
      const { job } = accepted;
      expect(job).toMatchObject({ origin: input.origin, work: input.work, status: 'queued', attempts: 0 });
      expect(job.reservedSeconds).toBeGreaterThan(0);
      expect(await store().jobs.find(job.id)).toEqual(job);
      expect(await store().jobs.countWaiting()).toBe(1);

      const taken = await take(store());
      expect(taken).toMatchObject({ id: job.id, status: 'running', attempts: 1 });
      expect(taken.startedAt).toBeInstanceOf(Date);
      expect(await store().jobs.countWaiting()).toBe(0);
      expect(await store().deliveries.countOwed()).toBe(0);

      expect(await finish(store(), taken, 2.5)).toBe(true);
      expect(await found(store(), job)).toMatchObject({ status: 'done', measuredSeconds: 2.5, failure: null });
      expect(await store().deliveries.countOwed()).toBe(1);

      const [owed, ...others] = await store().deliveries.claimDue(PLATFORMS, 10, 60);
      expect(others).toEqual([]);
      expect(owed).toMatchObject({ locale: 'en', replyTo: { token: 'a' }, partial: null, attempts: 0 });
      expect(owed?.job.id).toBe(job.id);
      expect(owed?.pictures.map(({ id }) => id)).toEqual([`${job.id}.0`, `${job.id}.1`]);
      const message = messageIdSchema.parse('100');
      await store().deliveries.delivered(job.id, { channel: input.origin.channel, message });
      expect(await store().deliveries.countOwed()).toBe(0);
      expect((await store().jobs.ofMessage('discord', input.origin.channel, message))?.id).toBe(job.id);
    });

    it('is found as its member’s newest until it has ended', async () => {
      const who = { guild: newGuild(), user: newUser() };
      await store().jobs.accept(request({ guild: who.guild }));
      await store().jobs.accept(request({ user: who.user }));
      const unfinished = () => store().jobs.unfinished({ ...who, limit: 2 });
      expect(await unfinished()).toEqual([]);
      const older = await store().jobs.accept(request(who));
      const newer = await store().jobs.accept(request(who));
      expect((await unfinished()).map(({ id }) => id)).toEqual([newer.job.id, older.job.id]);
      await store().jobs.cancel(newer.job.id);
      expect((await unfinished()).map(({ id }) => id)).toEqual([older.job.id]);
    });

    it('has ids that sort by the time of their making', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 20; index++) ids.push((await store().jobs.accept(request())).job.id);
      expect(ids).toEqual([...ids].sort());
      expect(ids.map((id) => id[14])).toEqual(Array(20).fill('7'));
    });

    it('is one job however often the same event comes', async () => {
      const input = request({ guild: newGuild(), work: draw(3) });
      const accepted = await Promise.all(Array.from({ length: 20 }, () => store().jobs.accept(input)));
      expect(new Set(accepted.map(({ job }) => job.id)).size).toBe(1);
      expect(accepted.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(await store().jobs.countWaiting()).toBe(1);
      expect((await chargedTo(store(), input.origin.guild)).pictures).toBe(3);
      await finish(store(), await take(store()));
      const again = await store().jobs.accept(input);
      expect(again).toMatchObject({ repeated: true, job: { status: 'done' } });
      expect(await store().jobs.takeNext(WORKER)).toBeNull();
      expect(await store().deliveries.countOwed()).toBe(1);
    });

    it('is another job where another platform has an event of the same name', async () => {
      const event = `event-${newUser()}`;
      const first = await store().jobs.accept(request({ platform: 'discord', event }));
      const second = await store().jobs.accept(request({ platform: 'slack', event }));
      expect(second.repeated).toBe(false);
      expect(second.job.id).not.toBe(first.job.id);
    });

    it('keeps hostile words and any JSON handle as they are', async () => {
      const prompts = [
        "'; drop table jobs; --",
        '\u0000 nul',
        '\ud800 lone',
        '\u202e👨‍👩‍👧‍👦 \\ " \n',
        'x'.repeat(4000),
      ];
      for (const prompt of prompts) {
        const { job } = await store().jobs.accept(request({ work: draw(1, { prompt, negative: prompt }) }));
        expect((await found(store(), job)).work).toEqual(draw(1, { prompt, negative: prompt }));
        const taken = await take(store());
        await finish(store(), taken);
        expect((await store().pictures.ofJob(job.id))[0]?.recipe.prompt).toBe(prompt);
      }
      for (const replyTo of [null, 'text', '"123"', '{}', 42, true, [1, null], { a: { b: '\u0000\ud800' } }]) {
        const { job } = await store().jobs.accept(request({ replyTo }));
        expect(await store().jobs.replyTo(job.id)).toEqual(replyTo);
      }
    });

    it('ends as failed with its reason, costs nothing, and owes the explanation', async () => {
      const { job } = await store().jobs.accept(request({ work: draw(2) }));
      await take(store());
      expect(await store().jobs.fail(job.id, WORKER.worker, 'failed', failure)).toBe(true);
      expect(await found(store(), job)).toMatchObject({ status: 'failed', failure, measuredSeconds: null });
      expect(await chargedTo(store(), job.origin.guild)).toEqual({ pictures: 0, seconds: 0 });
      const [owed] = await store().deliveries.claimDue(PLATFORMS, 10, 60);
      expect(owed).toMatchObject({ job: { id: job.id, status: 'failed', failure }, pictures: [] });
    });

    it('ends at once when it is cancelled in line, exactly once', async () => {
      const { job } = await store().jobs.accept(request());
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => store().jobs.cancel(job.id)));
      expect(outcomes.sort()).toEqual(['cancelled', 'finished', 'finished', 'finished', 'finished']);
      expect(await found(store(), job)).toMatchObject({ status: 'cancelled' });
      expect(await store().jobs.takeNext(WORKER)).toBeNull();
      expect(await store().jobs.countWaiting()).toBe(0);
      expect(await chargedTo(store(), job.origin.guild)).toEqual({ pictures: 0, seconds: 0 });
      expect(await store().deliveries.countOwed()).toBe(1);
    });

    it('is stopped by its worker when it is cancelled while it runs', async () => {
      const { job } = await store().jobs.accept(request());
      await take(store());
      expect(await store().jobs.cancel(job.id)).toBe('stopping');
      expect(await store().jobs.cancel(job.id)).toBe('stopping');
      expect(await store().jobs.renew(job.id, WORKER)).toEqual({ held: true, cancelled: true });
      expect(await store().jobs.fail(job.id, WORKER.worker, 'cancelled', { ...failure, code: 'cancelled' })).toBe(true);
      expect(await store().jobs.cancel(job.id)).toBe('finished');
      expect(await found(store(), job)).toMatchObject({ status: 'cancelled' });
      expect(await chargedTo(store(), job.origin.guild)).toEqual({ pictures: 0, seconds: 0 });
    });

    it('is unknown where there is none', async () => {
      const id = jobIdSchema.parse('019a0000-0000-7000-8000-000000000000');
      expect(await store().jobs.find(id)).toBeNull();
      expect(await store().jobs.cancel(id)).toBe('unknown');
      expect(await store().jobs.replyTo(id)).toBeNull();
      expect(await finish(store(), { ...(await drawn(store(), request())), id })).toBe(false);
    });

    it('is found by its placeholder and by its delivered message, in that channel only', async () => {
      const { job } = await store().jobs.accept(request());
      const [channel, other] = ['c1', 'c2'].map((id) => channelIdSchema.parse(`${id}-${job.id}`));
      const [placeholder, final] = ['1', '2'].map((id) => messageIdSchema.parse(id));
      await store().jobs.keepReplyTo(job.id, { token: 'new' }, { channel: channel!, message: placeholder! });
      expect(await store().jobs.replyTo(job.id)).toEqual({ token: 'new' });
      await store().jobs.keepReplyTo(job.id, { token: 'newer' });
      expect(await store().jobs.replyTo(job.id)).toEqual({ token: 'newer' });
      await finish(store(), await take(store()));
      for (let time = 0; time < 2; time++) {
        await store().deliveries.delivered(job.id, { channel: channel!, message: final! });
      }
      for (const message of [placeholder!, final!]) {
        expect((await store().jobs.ofMessage('discord', channel!, message))?.id).toBe(job.id);
        expect(await store().jobs.ofMessage('slack', channel!, message)).toBeNull();
        expect(await store().jobs.ofMessage('discord', other!, message)).toBeNull();
        expect(await store().pictures.ofMessage('discord', channel!, message)).toHaveLength(1);
      }
    });
  });
}
