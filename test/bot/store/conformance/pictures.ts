import { afterEach, describe, expect, it } from 'vitest';
import { type BlobKey, channelIdSchema, recipeIdSchema } from '../../../../commands/ids.ts';
import type { Job } from '../../../../commands/job.ts';
import { pictureRecipe, recipeId } from '../../../../commands/recipe.ts';
import type { Sight } from '../../../../commands/sight.ts';
import { blob, draw, drawn, newGuild, newUser, recipe, request, take, WORKER } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

export function pictureSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('a picture', () => {
    afterEach(removeJobs);

    const finishWith = async (job: Job, keys: readonly { blob: BlobKey; handoff: BlobKey | null }[]) => {
      const pictures = keys.map((each, index) => ({
        ...each,
        ...{ index, width: 256, height: 192, notes: ['cut'], timings: {} },
      }));
      await store().jobs.finish(job.id, WORKER.worker, pictures, 1);
    };
    const drawnWith = async (keys: Parameters<typeof finishWith>[1], changes: Parameters<typeof draw>[1] = {}) => {
      const { job } = await store().jobs.accept(request({ work: draw(keys.length, changes) }));
      await finishWith(await take(store()), keys);
      return store().pictures.ofJob(job.id);
    };

    it('has the recipe of its own seed, and is found by its id', async () => {
      const job = await drawn(store(), request({ work: draw(3) }));
      const pictures = await store().pictures.ofJob(job.id);
      expect(pictures.map(({ recipe }) => recipe.seed)).toEqual([7, 8, 9]);
      for (const [index, picture] of pictures.entries()) {
        expect(picture).toMatchObject({ id: `${job.id}.${index}`, job: job.id, origin: job.origin, notes: [] });
        expect(picture.recipeId).toBe(recipeId(pictureRecipe(recipe, index)));
        expect(await store().pictures.find(picture.id)).toEqual(picture);
        expect(await store().pictures.recipe(picture.recipeId)).toEqual(pictureRecipe(recipe, index));
      }
      expect(await store().pictures.recipe(recipeIdSchema.parse('0000000000'))).toBeNull();
    });

    it('keeps its sizes, blobs and notes', async () => {
      const [picture] = await drawnWith([{ blob: blob('kept'), handoff: null }]);
      expect(picture).toMatchObject({ width: 256, height: 192, notes: ['cut'], blob: blob('kept'), handoff: null });
    });

    it('may be drawn from by those who were shown it, an upload by its owner only', async () => {
      const [ann, bob] = [newUser(), newUser()];
      const upload = blob('an upload');
      const init = { picture: upload, strength: 0.5 };
      const { job } = await store().jobs.accept(request({ user: ann, work: draw(1, { init, mask: blob('a mask') }) }));
      await finishWith(await take(store()), [{ blob: blob('public'), handoff: null }]);
      await store().jobs.accept(request({ user: ann, work: draw(1), visibility: 'private' }));
      await finishWith(await take(store()), [{ blob: blob('private'), handoff: null }]);
      const may = async (user: typeof ann, key: BlobKey, platform = job.origin.platform) => [
        await store().pictures.mayUse(key, { platform, user }),
        await store().pictures.isShownTo(key, { platform, user }),
      ];
      for (const key of [upload, blob('a mask'), blob('private')]) {
        expect(await may(ann, key)).toEqual([true, true]);
        expect(await may(bob, key)).toEqual([false, false]);
      }
      expect(await may(bob, blob('public'))).toEqual([true, true]);
      expect(await may(bob, blob('public'), 'cli')).toEqual([true, false]);
      // The same id on another platform is another person.
      expect(await may(ann, upload, 'cli')).toEqual([false, false]);
      expect(await may(ann, blob('unknown'))).toEqual([false, false]);
    });

    it('is found by its recipe by who may see it: their own before others’, what is kept, the newest', async () => {
      const [guild, ann, bob] = [newGuild(), newUser(), newUser()];
      const channel = channelIdSchema.parse(`channel of ${ann}`);
      const of = (user: typeof ann, visibility: Job['visibility'] = 'public') =>
        drawn(store(), request({ guild, user, channel, visibility, work: draw(1, { prompt: `of ${ann}` }) }));
      const oldest = await of(ann, 'private');
      const [{ recipeId: id, origin } = expect.fail()] = await store().pictures.ofJob(oldest.id);
      const seen = async (user: typeof ann, shared: Sight['shared']) =>
        (await store().pictures.ofRecipe(id, { platform: origin.platform, user, shared }))?.job ?? null;
      const elsewhere = channelIdSchema.parse('elsewhere');

      expect(await seen(ann, null)).toBe(oldest.id);
      expect(await seen(bob, { guild, channel }), 'a private one').toBeNull();
      expect(await seen(bob, { guild, channel: null }), 'an admin').toBe(oldest.id);
      const newer = await of(ann);
      expect(await seen(ann, null)).toBe(newer.id);
      expect(await seen(bob, null)).toBeNull();
      expect(await seen(bob, { guild, channel })).toBe(newer.id);
      expect(await seen(bob, { guild, channel: elsewhere })).toBeNull();
      expect(await seen(bob, { guild: newGuild(), channel })).toBeNull();
      const own = await of(bob);
      expect(await seen(ann, { guild, channel }), 'their own').toBe(newer.id);
      expect(await seen(bob, { guild, channel: elsewhere }), 'their own').toBe(own.id);
      expect(await seen(newUser(), { guild, channel }), 'the newest').toBe(own.id);
    });

    it('is in its person’s history, newest first, page by page', async () => {
      const who = { guild: newGuild(), user: newUser() };
      const ids: string[] = [];
      for (const count of [1, 3, 2]) {
        const job = await drawn(store(), request({ ...who, work: draw(count) }));
        ids.push(...(await store().pictures.ofJob(job.id)).map(({ id }) => id));
      }
      await drawn(store(), request({ guild: who.guild }));
      await drawn(store(), request({ user: who.user }));
      const pages: string[] = [];
      for (let before: { before?: (typeof page)[number]['id'] } = {}, page = await history(before); page.length > 0; ) {
        pages.push(...page.map(({ id }) => id));
        before = { before: page.at(-1)!.id };
        page = await history(before);
      }
      expect(pages).toEqual(ids.sort().reverse());

      function history(before: object) {
        return store().pictures.history({ ...who, ...before, limit: 4 });
      }
    });

    it('that is removed gives back the blobs that nothing else needs', async () => {
      const unique = (name: string) => blob(`${name} ${newUser()}`);
      const [shared, own, handoff] = [unique('shared'), unique('own'), unique('handoff')];
      const [first, second] = await drawnWith([
        { blob: shared, handoff },
        { blob: own, handoff: shared },
      ]);
      expect([...(await store().pictures.remove(first!.id))].sort()).toEqual([handoff]);
      expect(await store().pictures.find(first!.id)).toBeNull();
      expect(await store().pictures.remove(first!.id)).toEqual([]);
      expect([...(await store().pictures.remove(second!.id))].sort()).toEqual([own, shared].sort());
    });

    it('that a request starts from keeps its blob', async () => {
      const start = blob(`start ${newUser()}`);
      const [picture] = await drawnWith([{ blob: start, handoff: null }]);
      const work = draw(1, { init: { picture: start, strength: 0.5 } });
      await store().jobs.accept(request({ work }));
      expect(await store().pictures.remove(picture!.id)).toEqual([]);
    });

    it('of a refine and of an upscale has the recipe as it was asked for', async () => {
      const [source] = await drawnWith([{ blob: blob('source'), handoff: null }]);
      for (const kind of ['refine', 'upscale'] as const) {
        const asked = { ...recipe, parent: { recipe: source!.recipeId, by: kind } };
        await store().jobs.accept(request({ work: { kind, recipe: asked, source: source!.id } }));
        const job = await take(store());
        await finishWith(job, [{ blob: blob(kind), handoff: null }]);
        expect(await store().pictures.ofJob(job.id)).toMatchObject([{ recipe: asked }]);
      }
    });
  });
}
