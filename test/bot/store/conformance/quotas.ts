import { afterEach, describe, expect, it } from 'vitest';
import { eventIdSchema, type GuildId, type UserId } from '../../../../commands/ids.ts';
import { personalGuild, UserError } from '../../../../commands/request.ts';
import type { QuotaUnit } from '../../../../commands/settings.ts';
import {
  chargedTo,
  draw,
  drawn,
  failure,
  newGuild,
  newUser,
  request,
  rule,
  setRules,
  take,
  WORKER,
} from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

/** Nobody draws more than the rules allow, and everybody as much. */
export function quotaSuite({ store, setTime, removeJobs }: StoreUnderTest): void {
  describe('a quota', () => {
    afterEach(async () => {
      setTime(null);
      await removeJobs();
    });

    const refusal = async (input: Parameters<ReturnType<typeof store>['jobs']['accept']>[0]): Promise<UserError> => {
      const error = await store()
        .jobs.accept(input)
        .then(
          () => null,
          (cause: unknown) => cause,
        );
      if (!(error instanceof UserError)) throw new Error('It was not refused.', { cause: error });
      return error;
    };
    const grant = (guild: GuildId, user: UserId, unit: QuotaUnit, amount: number, event: string = newUser()) =>
      store().usage.grant({ guild, user, unit, amount, by: newUser(), event: eventIdSchema.parse(event) });

    it('refuses what goes beyond it, in one line and without a trace', async () => {
      const guild = newGuild();
      await setRules(store(), guild, { quotas: [rule({ amount: 4 })] });
      await store().jobs.accept(request({ guild, user: 'me', work: draw(3) }));
      const input = request({ guild, user: 'me', work: draw(2) });
      const error = await refusal(input);
      expect(error.code).toBe('quota');
      expect(error.message).toMatch(/3 of 4 used, 1 left/);
      expect(error.message).not.toContain('\n');
      expect((await refusal({ ...input, actor: { ...input.actor, locale: 'de' } })).message).not.toBe(error.message);
      expect(await store().jobs.countWaiting()).toBe(1);
      expect((await chargedTo(store(), guild)).pictures).toBe(3);
      await store().jobs.accept(request({ guild, user: 'me', work: draw(1) }));
      await store().jobs.accept(request({ guild, user: 'somebody else', work: draw(4) }));
    });

    it('cannot be overdrawn by a hundred requests at once', async () => {
      const guild = newGuild();
      const subject = { kind: 'guild' };
      await setRules(store(), guild, { quotas: [rule({ amount: 5 }), rule({ subject, amount: 12 })] });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 100 }, (_, index) => store().jobs.accept(request({ guild, user: `user-${index % 4}` }))),
      );
      const accepted = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.job] : []));
      expect(accepted).toHaveLength(12);
      for (const user of [0, 1, 2, 3].map((index) => `user-${index}`)) {
        expect(accepted.filter(({ origin }) => origin.user === user).length).toBeLessThanOrEqual(5);
      }
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(UserError);
      expect((await chargedTo(store(), guild)).pictures).toBe(12);
    });

    it('gets back what a failed or cancelled request had reserved', async () => {
      const guild = newGuild();
      await setRules(store(), guild, { quotas: [rule({ amount: 1 })] });
      const { job: failed } = await store().jobs.accept(request({ guild, user: 'me' }));
      await refusal(request({ guild, user: 'me' }));
      await take(store());
      await store().jobs.fail(failed.id, WORKER.worker, 'failed', failure);
      const { job: cancelled } = await store().jobs.accept(request({ guild, user: 'me' }));
      await store().jobs.cancel(cancelled.id);
      await drawn(store(), request({ guild, user: 'me' }));
      await refusal(request({ guild, user: 'me' }));
    });

    it('counts reserved seconds first, and measured ones at last', async () => {
      const guild = newGuild();
      const me = { platform: 'discord' as const, guild, user: newUser(), roles: [] };
      await setRules(store(), guild, { quotas: [rule({ unit: 'seconds', amount: 1000 })] });
      const used = async () => (await store().usage.quotas(me))[0]?.used;
      const { job } = await store().jobs.accept(request({ guild, user: me.user }));
      expect(await used()).toBeCloseTo(job.reservedSeconds);
      await take(store());
      await store().jobs.finish(job.id, WORKER.worker, [], 990);
      expect(await used()).toBeCloseTo(990);
    });

    it('of a user replaces those of roles, of which the most generous counts, and these that of everyone', async () => {
      const guild = newGuild();
      const me = newUser();
      const quotas = [
        rule({ amount: 1 }),
        rule({ subject: { kind: 'role', role: 'a' }, amount: 2 }),
        rule({ subject: { kind: 'role', role: 'b' }, amount: 3 }),
        rule({ subject: { kind: 'user', user: me }, amount: 4 }),
      ];
      await setRules(store(), guild, { quotas });
      const amounts = async (user: UserId, roles: string[]) =>
        (await store().usage.quotas({ platform: 'discord', guild, user, roles: request({ roles }).actor.roles })).map(
          (state) => state.rule.amount,
        );
      expect(await amounts(newUser(), [])).toEqual([1]);
      expect(await amounts(newUser(), ['a', 'b'])).toEqual([3]);
      expect(await amounts(me, ['a'])).toEqual([4]);
      await store().jobs.accept(request({ guild, user: me, work: draw(4) }));
      await refusal(request({ guild, user: me }));
      await store().jobs.accept(request({ guild, user: 'b', roles: ['b'], work: draw(3) }));
      await refusal(request({ guild, user: 'c', roles: ['a'], work: draw(3) }));
    });

    it('is not walked around in a direct conversation: what is drawn there counts with what was drawn in the guild', async () => {
      const [guild, other, user] = [newGuild(), newGuild(), newUser()];
      const direct = personalGuild(user);
      await setRules(store(), guild, {
        quotas: [rule({ amount: 3 }), rule({ subject: { kind: 'role', role: 'vip' }, amount: 9 })],
        cooldownSeconds: 0,
      });
      await setRules(store(), other, { quotas: [rule({ subject: { kind: 'guild' }, amount: 0 })] });
      await store().jobs.accept(request({ guild, user, work: draw(2), roles: ['vip'] }));
      await store().jobs.accept(request({ guild: direct, user }));
      const states = await store().usage.quotas({ platform: 'discord', guild: direct, user, roles: [] });
      expect(states).toMatchObject([{ rule: { amount: 3 }, used: 3 }]);
      expect((await refusal(request({ guild: direct, user }))).code).toBe('quota');
      // Nobody else is bound by it, in a place of their own.
      await store().jobs.accept(request({ guild: personalGuild('somebody-else'), user: 'somebody-else' }));
    });

    it('holds there also for somebody who was forgotten meanwhile', async () => {
      const [guild, user] = [newGuild(), newUser()];
      await setRules(store(), guild, { quotas: [rule({ amount: 1 })], blocked: ['dragon'] });
      await drawn(store(), request({ guild, user }));
      await store().people.forget({ platform: 'discord', user });
      expect((await refusal(request({ guild: personalGuild(user), user }))).code).toBe('quota');
      const known = await store().settings.ofPerson({ platform: 'discord', user });
      expect(known.map(({ blocked }) => blocked)).toEqual([['dragon']]);
    });

    it('of cooldowns and requests at once is the strictest there, too', async () => {
      const [guild, user] = [newGuild(), newUser()];
      await setRules(store(), guild, { concurrentJobs: 1 });
      await store().jobs.accept(request({ guild, user }));
      await store().jobs.accept(request({ guild: personalGuild(user), user }));
      expect((await refusal(request({ guild: personalGuild(user), user }))).code).toBe('too_many_jobs');
    });

    it('does not bind the unlimited', async () => {
      const guild = newGuild();
      const [me, role] = [newUser(), request({ roles: ['vip'] }).actor.roles];
      await setRules(store(), guild, {
        quotas: [rule({ amount: 0 })],
        cooldownSeconds: 1000,
        concurrentJobs: 1,
        unlimited: { users: [me], roles: [...role] },
      });
      for (let index = 0; index < 3; index++) {
        await store().jobs.accept(request({ guild, user: me }));
        await store().jobs.accept(request({ guild, user: 'vip', roles: ['vip'] }));
      }
      await refusal(request({ guild }));
      expect(await store().usage.quotas({ platform: 'discord', guild, user: me, roles: [] })).toEqual([]);
    });

    it('is widened by a grant, once an event, for that member and that unit', async () => {
      const guild = newGuild();
      const me = newUser();
      const subject = { kind: 'guild' };
      await setRules(store(), guild, { quotas: [rule({ amount: 1 }), rule({ subject, amount: 4 })] });
      await drawn(store(), request({ guild, user: me }));
      await refusal(request({ guild, user: me }));
      await grant(guild, me, 'seconds', 100);
      await refusal(request({ guild, user: me }));
      const event = newUser();
      await Promise.all([1, 2, 3].map(() => grant(guild, me, 'pictures', 2, event)));
      await store().jobs.accept(request({ guild, user: me, work: draw(2) }));
      await refusal(request({ guild, user: me }));
      await refusal(request({ guild, work: draw(2) }));
      // A member's grant is not the guild's: 3 of its 4 are used.
      await store().jobs.accept(request({ guild }));
      await refusal(request({ guild }));
    });

    it('begins anew with its window', async () => {
      const guild = newGuild();
      const ask = (user: string) => store().jobs.accept(request({ guild, user }));
      const windows = ['day', 'month', 'rolling-day', 'rolling-week'] as const;
      const quotas = windows.map((window) => rule({ subject: { kind: 'user', user: window }, window, amount: 1 }));
      await setRules(store(), guild, { quotas });
      setTime(new Date('2026-11-24T23:30:00Z'));
      for (const user of windows) await ask(user);
      const refusedAt = async (time: string): Promise<string[]> => {
        setTime(new Date(time));
        const refused: string[] = [];
        for (const user of windows) {
          const outcome = await ask(user).catch(() => refused.push(user));
          if (typeof outcome === 'object') await store().jobs.cancel(outcome.job.id);
        }
        return refused;
      };
      expect(await refusedAt('2026-11-24T23:59:59Z')).toEqual([...windows]);
      expect(await refusedAt('2026-11-25T00:00:00Z')).toEqual(['month', 'rolling-day', 'rolling-week']);
      expect(await refusedAt('2026-11-25T23:29:59Z')).toEqual(['month', 'rolling-day', 'rolling-week']);
      expect(await refusedAt('2026-11-26T01:00:00Z')).toEqual(['month', 'rolling-week']);
      expect(await refusedAt('2026-12-01T00:00:00Z')).toEqual(['rolling-week']);
      expect(await refusedAt('2026-12-02T01:00:00Z')).toEqual([]);
      setTime(new Date('2026-11-24T23:30:00Z'));
      const [state] = await store().usage.quotas({ ...request({ guild, user: 'day' }).origin, roles: [] });
      expect(state).toMatchObject({ used: 1, resetsAt: new Date('2026-11-25T00:00:00Z') });
    });

    it('counts a settlement in the window in which it was reserved', async () => {
      const guild = newGuild();
      await setRules(store(), guild, { quotas: [rule({ unit: 'seconds', amount: 1000 })] });
      setTime(new Date('2026-11-24T23:59:00Z'));
      const { job } = await store().jobs.accept(request({ guild, user: 'me' }));
      await take(store());
      setTime(new Date('2026-11-25T00:01:00Z'));
      await store().jobs.finish(job.id, WORKER.worker, [], 500);
      const from = (day: string) => ({ guild, from: new Date(`${day}T00:00:00Z`), to: new Date(`${day}T24:00:00Z`) });
      expect(await store().usage.daily(from('2026-11-24'))).toMatchObject([{ user: 'me', seconds: 500 }]);
      expect(await store().usage.daily(from('2026-11-25'))).toEqual([]);
      const [state] = await store().usage.quotas({ ...job.origin, roles: [] });
      expect(state?.used).toBe(0);
    });

    it('is told by day and member', async () => {
      const guild = newGuild();
      setTime(new Date('2026-11-23T10:00:00Z'));
      await drawn(store(), request({ guild, user: 'a', work: draw(2) }), 3);
      setTime(new Date('2026-11-24T10:00:00Z'));
      await drawn(store(), request({ guild, user: 'a' }), 4);
      await drawn(store(), request({ guild, user: 'b' }), 5);
      await grant(guild, newUser(), 'pictures', 7);
      const rows = await store().usage.daily({
        guild,
        from: new Date('2026-11-23T00:00:00Z'),
        to: new Date('2026-11-25T00:00:00Z'),
      });
      const sorted = [...rows].sort((x, y) => `${x.day}${x.user}`.localeCompare(`${y.day}${y.user}`));
      expect(sorted.filter(({ pictures }) => pictures > 0)).toEqual([
        { day: '2026-11-23', user: 'a', pictures: 2, seconds: 3 },
        { day: '2026-11-24', user: 'a', pictures: 1, seconds: 4 },
        { day: '2026-11-24', user: 'b', pictures: 1, seconds: 5 },
      ]);
    });

    it('keeps the pause between two requests', async () => {
      const guild = newGuild();
      await setRules(store(), guild, { cooldownSeconds: 30 });
      setTime(new Date('2026-11-24T12:00:00Z'));
      const first = request({ guild, user: 'me' });
      await store().jobs.accept(first);
      setTime(new Date('2026-11-24T12:00:10Z'));
      expect((await refusal(request({ guild, user: 'me' }))).message).toMatch(/20 seconds/);
      expect(await store().jobs.accept(first)).toMatchObject({ repeated: true });
      await store().jobs.accept(request({ guild, user: 'you' }));
      setTime(new Date('2026-11-24T12:00:30Z'));
      await store().jobs.accept(request({ guild, user: 'me' }));
    });

    it('keeps the number of unfinished requests', async () => {
      const guild = newGuild();
      await setRules(store(), guild, { concurrentJobs: 2 });
      const ask = () => store().jobs.accept(request({ guild, user: 'me' }));
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, ask));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      await take(store());
      await refusal(request({ guild, user: 'me' }));
      const { job } = (await store().jobs.waiting({ guild, limit: 10 }))[1] ?? {};
      await store().jobs.cancel(job!.id);
      await ask();
    });
  });
}
