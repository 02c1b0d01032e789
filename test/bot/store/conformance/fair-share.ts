import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Store, WorkerModels } from '../../../../bot/store/store.ts';
import { jobIdSchema, pictureId } from '../../../../commands/ids.ts';
import type { Job } from '../../../../commands/job.ts';
import { draw, failure, finish, newGuild, newUser, request, setRules, take, WORKER } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

/** Guilds in turn, then their members, by the compute seconds that they used. */
export function fairShareSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('the fair share', () => {
    afterEach(removeJobs);

    it('lets a newcomer wait for at most the job that runs, whatever others have in line', async () => {
      const crowd = { guild: newGuild(), user: newUser() };
      await setRules(store(), crowd.guild, {});
      for (let index = 0; index < 100; index++) await store().jobs.accept(request(crowd));
      await take(store());
      const neighbour = await store().jobs.accept(request({ guild: crowd.guild }));
      const foreigner = await store().jobs.accept(request());
      expect([neighbour.place, foreigner.place]).toEqual([0, 0]);
      const next = [await take(store()), await take(store())].map(({ id }) => id);
      expect(next.sort()).toEqual([neighbour.job.id, foreigner.job.id].sort());
    });

    it('lets a newcomer go next also after the crowd’s jobs took less than they reserved', async () => {
      const crowd = { guild: newGuild(), user: newUser(), work: unmeasured(4) };
      await setRules(store(), crowd.guild, {});
      for (let index = 0; index < 20; index++) await store().jobs.accept(request(crowd));
      for (let index = 0; index < 5; index++) await finish(store(), await take(store()), 0.001);
      await take(store());
      const { job } = await store().jobs.accept(request({ guild: crowd.guild }));
      const next = [await take(store()), await take(store())].map(({ id }) => id);
      expect(next).toContain(job.id);
    });

    it('lets a newcomer go soon also where many workers had begun what took far less than it reserved', async () => {
      const crowd = { guild: newGuild(), user: newUser(), work: unmeasured(4) };
      await setRules(store(), crowd.guild, {});
      for (let index = 0; index < 20; index++) await store().jobs.accept(request(crowd));
      const begun: Job[] = [];
      for (let index = 0; index < 8; index++) begun.push(await take(store()));
      for (const job of begun) await finish(store(), job, 0.001);
      const neighbour = await store().jobs.accept(request({ guild: crowd.guild }));
      const foreigner = await store().jobs.accept(request());
      const next: string[] = [];
      for (let index = 0; index < 4; index++) {
        const job = await take(store());
        next.push(job.id);
        await finish(store(), job, 0.001);
      }
      expect(next).toContain(neighbour.job.id);
      expect(next).toContain(foreigner.job.id);
    });

    it('passes over those whom a worker draws for: a newcomer is next, however much they have in line', async () => {
      const members = fc.uniqueArray(fc.record({ guild: fc.nat({ max: 2 }), user: fc.nat({ max: 3 }) }), {
        minLength: 1,
        maxLength: 6,
        selector: ({ guild, user }) => `${guild}.${user}`,
      });
      await fc.assert(
        fc.asyncProperty(members, fc.integer({ min: 1, max: 5 }), async (crowd, each) => {
          const guilds = [newGuild(), newGuild(), newGuild()];
          for (let index = 0; index < each; index++) {
            for (const { guild, user } of crowd) {
              await store().jobs.accept(request({ guild: guilds[guild]!, user: `user-${user}` }));
            }
          }
          const drawn: Job[] = [];
          const next = async () => {
            const job = await store().jobs.takeNext(
              WORKER,
              undefined,
              drawn.map(({ origin }) => origin),
            );
            if (job !== null) drawn.push(job);
            return job;
          };
          while ((await next()) !== null);
          expect(new Set(drawn.map(({ origin }) => `${origin.guild} ${origin.user}`)).size).toBe(crowd.length);
          expect(drawn).toHaveLength(crowd.length);
          const newcomer = await store().jobs.accept(request({ guild: guilds[0]! }));
          expect((await next())?.id).toBe(newcomer.job.id);
          await endAll(store(), [...drawn, ...(await takeAll(store()))]);
        }),
        { numRuns: 8 },
      );
    });

    it('takes turns over guilds first, however many members a guild has', async () => {
      const [large, small] = [newGuild(), newGuild()];
      for (let index = 0; index < 6; index++) await store().jobs.accept(request({ guild: large }));
      for (let index = 0; index < 3; index++) await store().jobs.accept(request({ guild: small, user: 'alone' }));
      const order = await takeAll(store());
      expect(order.slice(0, 6).filter(({ origin }) => origin.guild === small)).toHaveLength(3);
    });

    it('serves those first who used less measured compute', async () => {
      const guild = newGuild();
      const [heavy, light] = ['heavy', 'light'];
      for (let round = 0; round < 4; round++) {
        for (const user of [heavy, light]) await store().jobs.accept(request({ guild, user }));
      }
      const seconds = async (): Promise<Job> => {
        const job = await take(store());
        await finish(store(), job, job.origin.user === heavy ? 1000 : 1);
        return job;
      };
      const order = [];
      for (let index = 0; index < 8; index++) order.push((await seconds()).origin.user);
      // After one job of 1,000 seconds the heavy member waits for all the light one's jobs.
      expect(order.slice(2, 5)).toEqual([light, light, light]);
    });

    it('gives a worker only jobs that it has the model for, in the order of their turns', async () => {
      const [cats, dogs] = [newUser(), newUser()];
      const first = await store().jobs.accept(request({ work: of(dogs) }));
      const second = await store().jobs.accept(request({ work: of(cats) }));
      const upscaled = await store().jobs.accept(request({ work: { ...upscale, recipe: of(dogs).recipe } }));
      const models = { offered: [cats], loaded: [cats] };
      expect((await store().jobs.takeNext(WORKER, models))?.id).toBe(second.job.id);
      expect((await store().jobs.takeNext(WORKER, models))?.id).toBe(upscaled.job.id);
      expect(await store().jobs.takeNext(WORKER, models)).toBeNull();
      expect((await store().jobs.takeNext(WORKER, { offered: [cats, dogs], loaded: [] }))?.id).toBe(first.job.id);
    });

    it('prefers models that a worker has loaded, until whoever’s turn it is has let others draw for 30 s', async () => {
      const [cats, dogs] = [newUser(), newUser()];
      const { job: turn } = await store().jobs.accept(request({ work: of(dogs) }));
      for (let index = 0; index < 20; index++) await store().jobs.accept(request({ work: of(cats) }));
      const passed = Math.floor(30 / turn.reservedSeconds);
      expect(passed).toBeGreaterThan(0);
      const taken = await takeAll(store(), { offered: [cats, dogs], loaded: [cats] });
      expect(taken.map(({ id }) => id).indexOf(turn.id)).toBe(passed);
    });

    it('lets no member of a guild wait longer for another member’s loaded model', async () => {
      const [cats, dogs] = [newUser(), newUser()];
      const guild = newGuild();
      const { job: turn } = await store().jobs.accept(request({ guild, work: of(dogs) }));
      await setRules(store(), guild, {});
      for (let index = 0; index < 20; index++) await store().jobs.accept(request({ guild, work: of(cats) }));
      const taken = await takeAll(store(), { offered: [cats, dogs], loaded: [cats] });
      expect(taken.map(({ id }) => id).indexOf(turn.id)).toBe(Math.floor(30 / turn.reservedSeconds));
    });

    it('goes by the order in which a member asked', async () => {
      const who = { guild: newGuild(), user: newUser() };
      const asked: string[] = [];
      for (let index = 0; index < 5; index++) asked.push((await store().jobs.accept(request(who))).job.id);
      expect((await takeAll(store())).map(({ id }) => id)).toEqual(asked);
    });

    it('tells the order in which the jobs are then begun', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(asking, { minLength: 1, maxLength: 25 }), async (askings) => {
          const guilds = [newGuild(), newGuild(), newGuild()];
          for (const [index, { guild, user, count, served }] of askings.entries()) {
            await store().jobs.accept(request({ guild: guilds[guild]!, user: `user-${user}`, work: draw(count) }));
            if (served && index % 3 === 2) await finish(store(), await take(store()), index);
          }
          const told = await store().jobs.waiting({ limit: 100 });
          const begun = await takeAll(store());
          expect(told.map(({ job }) => job.id)).toEqual(begun.map(({ id }) => id));
          expect(told.map(({ place }) => place)).toEqual(told.map((_, index) => index));
          const seconds = told.map(({ expectedSeconds }) => expectedSeconds);
          expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
          await endAll(store(), begun);
        }),
        { numRuns: 15 },
      );
    });

    it('promises a place near the one that the job then has', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(asking, { minLength: 5, maxLength: 25 }), async (askings) => {
          const guilds = [newGuild(), newGuild(), newGuild()];
          for (const { guild, user } of askings) {
            await store().jobs.accept(request({ guild: guilds[guild]!, user: `user-${user}` }));
          }
          const { job, place } = await store().jobs.accept(request({ guild: guilds[0]!, user: 'user-0' }));
          const begun = await takeAll(store());
          const actual = begun.findIndex(({ id }) => id === job.id);
          expect(Math.abs(actual - place)).toBeLessThanOrEqual(guilds.length + 4);
          await endAll(store(), begun);
        }),
        { numRuns: 15 },
      );
    });

    it('expects a job after what runs and what is begun before it', async () => {
      const who = { guild: newGuild(), user: newUser() };
      const first = await store().jobs.accept(request(who));
      const { reservedSeconds: each } = first.job;
      expect(first.expectedSeconds).toBeCloseTo(each);
      const second = await store().jobs.accept(request(who));
      expect(second).toMatchObject({ place: 1 });
      expect(second.expectedSeconds).toBeCloseTo(2 * each);
    });

    it('lists one guild’s jobs with their places among all', async () => {
      const guild = newGuild();
      await store().jobs.accept(request());
      const mine = await store().jobs.accept(request({ guild, user: 'me' }));
      await store().jobs.accept(request({ guild, user: 'you' }));
      const own = await store().jobs.waiting({ guild, limit: 10 });
      expect(own).toHaveLength(2);
      expect(await store().jobs.waiting({ guild, limit: 1 })).toHaveLength(1);
      const all = await store().jobs.waiting({ limit: 10 });
      expect(all.filter(({ job }) => job.origin.guild === guild)).toEqual(own);
      expect(own.map(({ job }) => job.id)).toContain(mine.job.id);
      const running = await take(store());
      const [first] = await store().jobs.waiting({ limit: 10 });
      expect(first).toMatchObject({ job: { id: running.id, status: 'running' }, place: 0 });
    });
  });
}

/** Work of a model that nothing is known of: its price may be far off. */
const unmeasured = (count: number) => draw(count, { steps: 100, model: { name: newUser(), hash: 'ab' } });

const of = (model: string) => draw(1, { steps: 100, model: { name: model, hash: 'ab' } });
const upscale = { kind: 'upscale', source: pictureId(jobIdSchema.parse(randomUUID()), 0) } as const;

const asking = fc.record({
  guild: fc.nat({ max: 2 }),
  user: fc.nat({ max: 3 }),
  count: fc.integer({ min: 1, max: 4 }),
  served: fc.boolean(),
});

async function takeAll(store: Store, models?: WorkerModels): Promise<Job[]> {
  const taken: Job[] = [];
  for (;;) {
    const job = await store.jobs.takeNext(WORKER, models);
    if (job === null) return taken;
    taken.push(job);
  }
}

async function endAll(store: Store, jobs: readonly Job[]): Promise<void> {
  for (const { id } of jobs) await store.jobs.fail(id, WORKER.worker, 'failed', failure);
}
