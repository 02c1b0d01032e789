import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { turnIdSchema } from '../../../../bot/web/turn.ts';
import { messageIdSchema } from '../../../../commands/ids.ts';
import {
  blob,
  chargedTo,
  draw,
  drawn,
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

const platform = 'discord';

/** The right to be forgotten. */
export function peopleSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('a person who is forgotten', () => {
    afterEach(removeJobs);

    const forget = (user: ReturnType<typeof newUser>) => store().people.forget({ platform, user });

    it('leaves no picture, prompt, preference or message behind', async () => {
      const [guild, user] = [newGuild(), newUser()];
      const secret = `secret ${newUser()}`;
      const job = await drawn(store(), request({ guild, user, work: draw(2, { prompt: secret }) }));
      const message = messageIdSchema.parse('1');
      await store().deliveries.delivered(job.id, { channel: job.origin.channel, message });
      await store().preferences.save(guild, user, { negative: secret });
      const pictures = await store().pictures.ofJob(job.id);

      const { blobs, ...counts } = await forget(user);
      expect(counts).toEqual({ pictures: 2, jobs: 1 });
      expect([...blobs].sort()).toEqual(pictures.flatMap(({ blob, handoff }) => [blob, handoff!]).sort());
      expect(await store().pictures.ofJob(job.id)).toEqual([]);
      expect(await store().pictures.history({ guild, user, limit: 10 })).toEqual([]);
      expect(await store().preferences.of(guild, user)).toEqual({});
      expect(await store().jobs.ofMessage(platform, job.origin.channel, message)).toBeNull();
      for (const { recipeId } of pictures) expect(await store().pictures.recipe(recipeId)).toBeNull();
      expect((await store().jobs.find(job.id))?.work.recipe.prompt ?? '').not.toContain(secret);
    });

    it('leaves none of their bytes, also where others have drawn from them', async () => {
      const [user, other] = [newUser(), newUser()];
      const upload = blob(`a photograph of ${user}`);
      const job = await drawn(store(), request({ user, work: draw(1, { init: { picture: upload, strength: 0.5 } }) }));
      const [picture] = await store().pictures.ofJob(job.id);
      const varied = draw(1, { init: { picture: picture!.blob, strength: 0.5 } });
      const theirs = await drawn(store(), request({ user: other, work: varied }));
      const { blobs } = await forget(user);
      expect(blobs).toEqual(expect.arrayContaining([upload, picture!.blob]));
      expect(await store().pictures.ofJob(theirs.id)).toHaveLength(1);
    });

    it('waits out a cooldown all the same', async () => {
      const [guild, user] = [newGuild(), newUser()];
      await setRules(store(), guild, { cooldownSeconds: 3_600 });
      await drawn(store(), request({ guild, user }));
      await forget(user);
      await expect(store().jobs.accept(request({ guild, user }))).rejects.toMatchObject({ code: 'cooldown' });
    });

    it('leaves the sums, so that the guild’s quotas remain true', async () => {
      const [guild, user] = [newGuild(), newUser()];
      await setRules(store(), guild, { quotas: [rule({ subject: { kind: 'guild' }, amount: 3 })] });
      await drawn(store(), request({ guild, user, work: draw(3) }), 5);
      await forget(user);
      expect(await chargedTo(store(), guild)).toEqual({ pictures: 3, seconds: 5 });
      await expect(store().jobs.accept(request({ guild }))).rejects.toThrow(/3 of 3/);
      const days = await store().usage.daily({ guild, from: new Date(0), to: new Date(Date.now() + 1000) });
      expect(days.map((day) => day.user)).not.toContain(user);
    });

    it('waits for nothing any more, and is told so', async () => {
      const user = newUser();
      const { job: waiting } = await store().jobs.accept(request({ user, replyTo: 'placeholder' }));
      await forget(user);
      expect(await store().jobs.takeNext(WORKER)).toBeNull();
      expect(await store().jobs.countWaiting()).toBe(0);
      expect(await chargedTo(store(), waiting.origin.guild)).toEqual({ pictures: 0, seconds: 0 });
      const owed = await store().deliveries.claimDue([platform], 10, 60);
      expect(owed).toMatchObject([{ job: { id: waiting.id, status: 'cancelled' }, replyTo: 'placeholder' }]);
      expect(JSON.stringify(owed)).not.toContain(recipe.prompt);
      const message = messageIdSchema.parse('1');
      await store().deliveries.delivered(waiting.id, { channel: waiting.origin.channel, message });
      expect(await store().jobs.find(waiting.id)).toBeNull();
      expect(await store().jobs.ofMessage(platform, waiting.origin.channel, message)).toBeNull();
    });

    it('gets no picture of a job that was being drawn', async () => {
      const user = newUser();
      const { job } = await store().jobs.accept(request({ user }));
      await take(store());
      await forget(user);
      const kept = (await store().jobs.find(job.id))?.status;
      const { held, cancelled } = await store().jobs.renew(job.id, WORKER);
      expect(!held || cancelled).toBe(true);
      expect(['running', 'cancelled', undefined]).toContain(kept);
    });

    it('takes nothing from others: not their jobs, nor recipes and blobs that they share', async () => {
      const guild = newGuild();
      const [user, other] = [newUser(), newUser()];
      await drawn(store(), request({ guild, user }));
      const theirs = await drawn(store(), request({ guild, user: other }));
      const elsewhere = await drawn(store(), request({ platform: 'slack', guild: newGuild(), user }));
      await forget(user);
      const [picture] = await store().pictures.ofJob(theirs.id);
      expect(await store().pictures.recipe(picture!.recipeId)).toEqual(recipe);
      expect(await found(store(), theirs)).toMatchObject({ status: 'done' });
      expect(await store().pictures.ofJob(elsewhere.id)).toHaveLength(1);
    });

    it('keeps the words of no conversation on the page', async () => {
      const user = newUser();
      const id = turnIdSchema.parse(randomUUID());
      const turn = { id, at: '2026-01-01T00:00:00.000Z', request: { text: 'mine', by: 'text', files: [] } } as const;
      await store().turns.create(user, { ...turn, request: { ...turn.request, files: [] }, answer: null });
      await store().people.forget({ platform: 'web', user });
      expect(await store().turns.page(user, { limit: 10 })).toEqual([]);
      expect(await store().turns.find(user, id)).toBeNull();
    });

    it('is nobody the second time', async () => {
      const user = newUser();
      await drawn(store(), request({ user }));
      await removeJobs();
      await forget(user);
      expect(await forget(user)).toEqual({ pictures: 0, jobs: 0, blobs: [] });
    });
  });
}
