import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../bot/store/store.ts';
import type { GuildId, UserId } from '../../../commands/ids.ts';
import { drain, draw, guildId, lease, newGuild, newUser, openGuild, pictures, request, userId } from './harness.ts';

/** Whose turn it is. */
export function fairShareConformance(open: () => Store): void {
  describe('turns', () => {
    let store: Store;
    beforeEach(async () => {
      store = open();
      await drain(store);
    });
    const ask = (guild: GuildId, user: UserId, steps = 20) =>
      store.jobs.accept(request({ guild, user }, draw({ steps })));
    const takeAll = async () => {
      const order = [];
      for (let job = await store.jobs.takeNext(lease); job !== null; job = await store.jobs.takeNext(lease)) {
        order.push(job);
      }
      return order;
    };

    it('alternate between two members, however many jobs one has', async () => {
      const guild = await openGuild(store);
      const [busy, rare] = [newUser(), newUser()];
      for (let i = 0; i < 6; i++) await ask(guild, busy);
      for (let i = 0; i < 2; i++) await ask(guild, rare);
      const order = (await takeAll()).map(({ origin }) => (origin.user === busy ? 'b' : 'r')).join('');
      expect(order).toBe('brbrbbbb');
    });

    it('alternate between guilds before they alternate between members', async () => {
      const [large, small] = [newGuild(), newGuild()];
      for (let i = 0; i < 6; i++) await ask(large, newUser());
      for (let i = 0; i < 2; i++) await ask(small, newUser());
      const order = (await takeAll()).map(({ origin }) => (origin.guild === large ? 'L' : 's')).join('');
      expect(order).toBe('LsLsLLLL');
    });

    it('come to a newcomer after at most the job that runs, a hundred jobs of another or not', async () => {
      const guild = await openGuild(store);
      const busy = newUser();
      for (let i = 0; i < 100; i++) await ask(guild, busy);
      await store.jobs.takeNext(lease);
      const newcomers = [await ask(guild, newUser()), await ask(newGuild(), newUser())];
      expect(newcomers.map(({ place }) => place)).toEqual([0, 0]);
      const next = [await store.jobs.takeNext(lease), await store.jobs.takeNext(lease)].map((job) => job?.id);
      expect(new Set(next)).toEqual(new Set(newcomers.map(({ job }) => job.id)));
    });

    it('give nobody credit for having been away', async () => {
      const [early, late] = [newGuild(), newGuild()];
      for (let i = 0; i < 10; i++) await ask(early, newUser());
      await takeAll();
      for (let i = 0; i < 4; i++) await ask(late, newUser());
      for (let i = 0; i < 4; i++) await ask(early, newUser());
      const order = (await takeAll()).map(({ origin }) => (origin.guild === late ? 'l' : 'e')).join('');
      // What the early guild has been charged for its last job counts against one turn at most.
      expect(['llelelee', 'lelelele']).toContain(order);
    });

    it('weigh by compute: who asks for four times as much comes a quarter as often', async () => {
      const guild = await openGuild(store);
      const [large, small] = [newUser(), newUser()];
      for (let i = 0; i < 3; i++) await ask(guild, large, 98);
      for (let i = 0; i < 12; i++) await ask(guild, small, 23);
      const order = (await takeAll()).map(({ origin }) => (origin.user === large ? 'L' : 's')).join('');
      expect(order).toBe('LssssLssssLssss');
    });

    it('are corrected by what was measured', async () => {
      const guild = newGuild();
      const [slow, quick] = [newUser(), newUser()];
      for (const user of [slow, quick]) for (let i = 0; i < 4; i++) await ask(guild, user);
      for (let i = 0; i < 2; i++) {
        const job = await store.jobs.takeNext(lease);
        const factor = job!.origin.user === slow ? 3 : 1;
        await store.jobs.finish(job!.id, lease.worker, pictures(1), factor * job!.reservedSeconds);
      }
      const order = (await takeAll()).map(({ origin }) => (origin.user === slow ? 's' : 'q')).join('');
      expect(order.slice(0, 2)).toBe('qq');
    });

    it('are told beforehand: the list of who waits is the order of the picks', async () => {
      const asking = fc.record({ guild: fc.nat(2), user: fc.nat(2), steps: fc.integer({ min: 1, max: 60 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(asking, { minLength: 1, maxLength: 9 }), fc.nat(8), async (requests, head) => {
          await drain(store);
          const run = newGuild();
          for (const [index, { guild, user, steps }] of requests.entries()) {
            await ask(guildId(`${run}-${guild}`), userId(`${run}-${guild}-${user}`), steps);
            if (index === head) await store.jobs.takeNext(lease);
          }
          const waiting = (await store.jobs.waiting({ limit: 100 })).filter(({ job }) => job.status === 'queued');
          expect(waiting.map(({ place }) => place)).toEqual(waiting.map((_, index) => index));
          const foretold = waiting.map(({ job }) => job.id);
          expect((await takeAll()).map(({ id }) => id)).toEqual(foretold);
        }),
        { numRuns: 15 },
      );
    });

    it('are told at acceptance as the list tells them', async () => {
      const asking = fc.record({ guild: fc.nat(2), user: fc.nat(3) });
      await fc.assert(
        fc.asyncProperty(fc.array(asking, { minLength: 1, maxLength: 20 }), async (requests) => {
          await drain(store);
          const run = newGuild();
          for (const { guild, user } of requests) {
            const accepted = await ask(guildId(`${run}-${guild}`), userId(`${run}-${guild}-${user}`));
            const listed = (await store.jobs.waiting({ limit: 100 })).find(({ job }) => job.id === accepted.job.id);
            expect(accepted.place).toBe(listed?.place);
            expect(accepted.expectedSeconds).toBeCloseTo(listed!.expectedSeconds, 1);
          }
        }),
        { numRuns: 15 },
      );
    });

    it('show only what is asked for, what is being drawn first', async () => {
      const guild = newGuild();
      const [mine, theirs] = [newUser(), newUser()];
      const own = await ask(guild, mine);
      await ask(guild, theirs);
      await ask(newGuild(), newUser());
      const ownLater = await ask(guild, mine);
      await store.jobs.takeNext(lease);
      const listed = await store.jobs.waiting({ guild, user: mine, limit: 10 });
      expect(listed.map(({ job }) => [job.id, job.status])).toEqual([
        [own.job.id, 'running'],
        [ownLater.job.id, 'queued'],
      ]);
      expect(await store.jobs.waiting({ guild, limit: 2 })).toHaveLength(2);
      expect(await store.jobs.waiting({ user: newUser(), limit: 2 })).toEqual([]);
    });
  });
}
