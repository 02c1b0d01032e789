import { afterEach, describe, expect, it } from 'vitest';
import type { Cutoffs } from '../../../../bot/retention/retention-store.ts';
import { type JobId, messageIdSchema } from '../../../../commands/ids.ts';
import type { Job } from '../../../../commands/job.ts';
import type { AcceptInput } from '../../../../commands/services.ts';
import { blob, draw, drawn, finish, found, newGuild, newUser, request, setRules, take } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

const LATER = new Date(Date.now() + 3_600_000);
const EARLIER = new Date(Date.now() - 3_600_000);
const nothing: Cutoffs = { pictures: null, handoffs: null, jobs: null, now: new Date() };

/** What is let go by the operator's policy. */
export function retentionSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('retention', () => {
    afterEach(removeJobs);

    const delivered = async (input: AcceptInput): Promise<Job> => {
      const job = await drawn(store(), input);
      await store().deliveries.delivered(job.id, {
        channel: job.origin.channel,
        message: messageIdSchema.parse(job.id),
      });
      return job;
    };
    const pass = async (cutoffs: Partial<Cutoffs>, after: JobId | null = null, limit = 100) =>
      store().retention.passJobs({ ...nothing, ...cutoffs }, after, limit);

    it('takes a picture’s bytes and keeps its recipe', async () => {
      const job = await delivered(request({ work: draw(2) }));
      const before = await store().pictures.ofJob(job.id);
      const { blobs } = await pass({ pictures: LATER });
      expect([...blobs].sort()).toEqual(before.flatMap(({ blob: key, handoff }) => [key, handoff!]).sort());
      const after = await store().pictures.ofJob(job.id);
      expect(after).toEqual(before.map((picture) => ({ ...picture, expired: true, handoff: null })));
      expect(await store().retention.unreferred(blobs)).toEqual(blobs);
      expect((await pass({ pictures: LATER })).blobs).toEqual([]);
    });

    it('takes hand-offs before the pictures, where that is wanted', async () => {
      const job = await delivered(request());
      const [picture] = await store().pictures.ofJob(job.id);
      expect((await pass({ handoffs: LATER })).blobs).toEqual([picture!.handoff]);
      expect(await store().pictures.ofJob(job.id)).toEqual([{ ...picture, handoff: null }]);
    });

    it('leaves what is younger, what still waits, runs or owes its message', async () => {
      const [young, owing] = [await delivered(request()), await drawn(store(), request())];
      const { job: running } = await store().jobs.accept(request());
      await take(store());
      const { job: waiting } = await store().jobs.accept(request());
      const all = { pictures: EARLIER, handoffs: EARLIER, jobs: EARLIER };
      expect((await pass(all)).blobs).toEqual([]);
      await store().deliveries.delivered(young.id, {
        channel: young.origin.channel,
        message: messageIdSchema.parse('1'),
      });
      await pass({ pictures: LATER, handoffs: LATER, jobs: LATER });
      expect(await store().jobs.find(young.id)).toBeNull();
      expect(await store().pictures.ofJob(owing.id)).toMatchObject([{ expired: false }]);
      for (const { id } of [owing, running, waiting]) expect(await store().jobs.find(id)).not.toBeNull();
    });

    it('never names a blob that something else refers to', async () => {
      const shared = blob('shared');
      const make = async () => {
        const { job } = await store().jobs.accept(request());
        const taken = await take(store());
        const picture = { index: 0, blob: shared, handoff: shared, width: 8, height: 8, notes: [], timings: {} };
        await store().jobs.finish(taken.id, 'worker-1', [picture], 1);
        await store().deliveries.delivered(job.id, {
          channel: job.origin.channel,
          message: messageIdSchema.parse(job.id),
        });
        return job;
      };
      const [first, second] = [await make(), await make()];
      const one = await pass({ pictures: LATER }, null, 1);
      expect(one).toEqual({ last: first.id, blobs: [] });
      const two = await pass({ pictures: LATER }, one.last, 1);
      expect(two).toEqual({ last: second.id, blobs: [shared] });
    });

    it('lets go the pictures that somebody gave, unless they are a kept picture', async () => {
      const own = await delivered(request());
      const [kept] = await store().pictures.ofJob(own.id);
      const init = { picture: kept!.blob, strength: 0.5 };
      const mask = blob('mask');
      await delivered(request({ work: draw(1, { init, mask }) }));
      const { blobs } = await pass({ pictures: LATER }, own.id);
      expect(blobs).toContain(mask);
      expect(blobs).not.toContain(kept!.blob);
    });

    it('removes requests only when no picture of theirs is kept, and their recipes with them', async () => {
      const job = await delivered(request({ work: draw(1, { prompt: `only ${newUser()}` }) }));
      const [picture] = await store().pictures.ofJob(job.id);
      await pass({ jobs: LATER });
      expect(await found(store(), job)).toMatchObject({ status: 'done' });
      await pass({ pictures: LATER, jobs: LATER });
      expect(await store().jobs.find(job.id)).toBeNull();
      expect(await store().pictures.recipe(picture!.recipeId)).toBeNull();
    });

    it('takes what a guild does not keep itself, and leaves all others', async () => {
      const [brief, usual] = [newGuild(), newGuild()];
      // A character that only JSON's own text can hold.
      await setRules(store(), brief, { keepDays: 2, defaults: { negative: 'blurry\u0000' } });
      await setRules(store(), usual, { keepDays: null });
      const [theirs, ours] = [await delivered(request({ guild: brief })), await delivered(request({ guild: usual }))];
      const inDays = (days: number): Partial<Cutoffs> => ({ now: new Date(Date.now() + days * 86_400_000) });
      await pass(inDays(1));
      expect(await store().pictures.ofJob(theirs.id)).toMatchObject([{ expired: false }]);
      const { blobs } = await pass(inDays(3));
      expect(blobs).toHaveLength(2);
      expect(await store().jobs.find(theirs.id)).toBeNull();
      expect(await store().pictures.ofJob(ours.id)).toMatchObject([{ expired: false }]);
      // No longer than the operator keeps them.
      const later = await delivered(request({ guild: brief }));
      await pass({ pictures: LATER });
      expect(await store().pictures.ofJob(later.id)).toMatchObject([{ expired: true }]);
      await setRules(store(), brief, { keepDays: null });
    });

    it('goes on where it stopped, and begins again at the end', async () => {
      const jobs: Job[] = [];
      for (let index = 0; index < 5; index++) jobs.push(await delivered(request()));
      const seen: (string | null)[] = [];
      let last: JobId | null = null;
      do {
        ({ last } = await pass({ pictures: LATER }, last, 2));
        seen.push(last);
      } while (last !== null);
      expect(seen).toEqual([jobs[1]!.id, jobs[3]!.id, null]);
      for (const { id } of jobs) expect(await store().pictures.ofJob(id)).toMatchObject([{ expired: true }]);
    });

    it('is safe in several hands at once', async () => {
      for (let index = 0; index < 4; index++) await delivered(request());
      const passes = await Promise.all([1, 2, 3].map(() => pass({ pictures: LATER, handoffs: LATER, jobs: LATER })));
      const named = passes.flatMap(({ blobs }) => blobs);
      expect(new Set(named).size).toBe(named.length);
      expect(named).toHaveLength(8);
    });

    it('drops old entries of the admins’ log and of the ledger, and nothing younger', async () => {
      const guild = newGuild();
      // Other tests of this store have set its clock far back.
      while ((await store().retention.dropUsage(EARLIER, 1000)) > 0);
      await store().settings.note({ guild, by: newUser(), action: 'old' });
      const job = await delivered(request({ guild }));
      expect(await store().retention.dropAudit(EARLIER, 1000)).toBe(0);
      expect(await store().retention.dropUsage(EARLIER, 1000)).toBe(0);
      while ((await store().retention.dropAudit(LATER, 1000)) > 0);
      while ((await store().retention.dropUsage(LATER, 1000)) > 0);
      expect(await store().settings.audit({ guild, limit: 10 })).toEqual([]);
      expect(await store().usage.daily({ guild, from: EARLIER, to: LATER })).toEqual([]);
      expect(await finish(store(), job)).toBe(false);
    });
  });
}
