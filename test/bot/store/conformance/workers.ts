import { describe, expect, it } from 'vitest';
import type { ModelDescription } from '../../../../commands/engine.ts';
import { jobIdSchema, pictureId } from '../../../../commands/ids.ts';
import type { Work } from '../../../../commands/job.ts';
import { mini } from '../../../commands/memory-services.ts';
import { chargedTo, draw, found, newGuild, newUser, recipe, request } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

const named = (name: string, changes: Partial<ModelDescription> = {}) => ({
  name,
  description: { ...mini, name, ...changes },
});
const reference = ({ name, hash }: { name: string; hash: string }) => ({ name, hash });
const upscale = (method: string): Work => ({
  kind: 'upscale',
  recipe: { ...recipe, upscale: { factor: 2, method } },
  source: pictureId(jobIdSchema.parse('0193a9d2-0000-7000-8000-000000000000'), 0),
});

/** What workers offer. */
export function workerSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('a worker’s models', () => {
    it('are there from when they are registered until they are withdrawn', async () => {
      const [a, b] = [newUser(), newUser()];
      const [shared, own] = [named(`m-${a}`), named(`n-${a}`, { refiner: null })];
      const names = async () => (await store().models.available()).map(({ name }) => name);
      await store().models.register(a, [shared, own]);
      await store().models.register(b, [shared]);
      expect((await names()).filter((name) => name.endsWith(a)).sort()).toEqual([shared.name, own.name]);
      const offered = (await store().models.available()).filter(({ name }) => name.endsWith(a));
      expect([...offered].sort((x, y) => (x.name < y.name ? -1 : 1))).toEqual([shared, own]);
      await store().models.heartbeat(a);
      await store().models.unregister(a);
      expect((await names()).filter((name) => name.endsWith(a))).toEqual([shared.name]);
      await store().models.heartbeat(a);
      expect((await names()).filter((name) => name.endsWith(a))).toEqual([shared.name]);
      await store().models.unregister(b);
      expect((await names()).filter((name) => name.endsWith(a))).toEqual([]);
    });

    it('are replaced when it registers again', async () => {
      const worker = newUser();
      await store().models.register(worker, [named(`old-${worker}`)]);
      await store().models.register(worker, [named(`new-${worker}`, { tokenLimit: 77 })]);
      const offered = (await store().models.available()).filter(({ name }) => name.endsWith(worker));
      expect(offered).toEqual([named(`new-${worker}`, { tokenLimit: 77 })]);
      await store().models.unregister(worker);
    });

    it('that nobody serves end the jobs that wait for them, for nothing, as long as there are workers', async () => {
      const [worker, served, gone] = [newUser(), newUser(), newUser()];
      const guild = newGuild();
      const of = (name: string) => request({ guild, work: draw(1, { model: { name, hash: 'ab' } }) });
      const waits = (await store().jobs.accept(of(served))).job;
      const lost = (await store().jobs.accept(of(gone))).job;
      expect(await store().jobs.unserved()).toEqual([]);
      await store().models.register(worker, [named(served)]);
      const unserved = { model: gone, needs: [], lacking: { model: true, needs: [] } };
      expect(await store().jobs.unserved()).toEqual([unserved]);
      expect((await store().jobs.failUnserved(unserved)).map(({ id }) => id)).toEqual([lost.id]);
      expect(await found(store(), lost)).toMatchObject({
        status: 'failed',
        failure: { code: 'not_served', message: expect.stringContaining(`The model ${gone} is not served`) },
      });
      expect(await found(store(), waits)).toMatchObject({ status: 'queued' });
      expect((await chargedTo(store(), guild)).pictures).toBe(1);
      await store().models.unregister(worker);
      await removeJobs();
    });
  });

  describe('a worker’s LoRAs and embeddings', () => {
    const ink = { kind: 'lora', name: 'ink', hash: '1a'.repeat(32), models: [] } as const;
    const cosy = { kind: 'embedding', name: 'cosy', hash: '2b'.repeat(32), models: [] } as const;
    const ultra = { kind: 'upscaler', name: 'ultra', models: [] } as const;
    const everything = { loras: [{ ...reference(ink), weight: 1 }], embeddings: [reference(cosy)] };
    const takes = async (worker: string) =>
      (await store().jobs.takeNext({ worker, seconds: 60 }, { offered: ['mini'], loaded: ['mini'] }))?.id;

    it('decide with the models which jobs it is given', async () => {
      const [bare, full] = [newUser(), newUser()];
      await store().models.register(bare, [named('mini')]);
      await store().models.register(full, [named('mini')]);
      const accept = async (work: Work) => (await store().jobs.accept(request({ work }))).job;
      const extras = await accept(draw(1, everything));
      const enlarged = await accept(upscale('ultra'));
      const bundled = await accept(upscale('lanczos'));
      const shortened = await accept(draw(1, { loras: [{ name: 'ink', hash: ink.hash.slice(0, 10), weight: 1 }] }));
      await store().extras.offer(bare, [ink]);
      await store().extras.offer(full, [cosy, ink, ultra]);
      expect(await takes(bare)).toBe(bundled.id);
      expect(await takes(bare)).toBe(shortened.id);
      expect(await takes(bare)).toBeUndefined();
      expect(await takes(full)).toBe(extras.id);
      expect(await takes(full)).toBe(enlarged.id);
      for (const worker of [bare, full]) await store().models.unregister(worker);
      await removeJobs();
    });

    it('that nobody has, or nobody together, end the jobs that wait for them, for nothing', async () => {
      const [a, b] = [newUser(), newUser()];
      const guild = newGuild();
      const { job } = await store().jobs.accept(request({ guild, locale: 'de', work: draw(2, everything) }));
      await store().models.register(a, [named('mini')]);
      await store().models.register(b, [named('mini')]);
      await store().extras.offer(a, [ink]);
      const [lacking] = await store().jobs.unserved();
      expect(lacking).toMatchObject({ model: 'mini', lacking: { model: false, needs: ['embedding 2b2b2b2b'] } });
      await store().extras.offer(b, [cosy]);
      const [apart] = await store().jobs.unserved();
      expect(apart).toMatchObject({ model: 'mini', lacking: { model: false, needs: [] } });
      await store().extras.offer(b, [cosy, ink]);
      expect(await store().jobs.unserved()).toEqual([]);
      expect(await store().jobs.failUnserved({ ...lacking!, needs: ['lora 00000000'] })).toEqual([]);
      expect((await store().jobs.failUnserved(lacking!)).map(({ id }) => id)).toEqual([job.id]);
      expect((await found(store(), job)).failure?.message).toContain('Kein Worker hat mehr die Datei zu cosy');
      expect((await chargedTo(store(), guild)).pictures).toBe(0);
      for (const worker of [a, b]) await store().models.unregister(worker);
      await removeJobs();
    });

    it('are offered by name until it offers others or goes, those of the same file together', async () => {
      const [a, b] = [newUser(), newUser()];
      await store().models.register(a, []);
      await store().models.register(b, []);
      const lora = { kind: 'lora', name: `ink-${a}`, hash: '1a'.repeat(32) } as const;
      const offered = async (kind: 'lora' | 'embedding') =>
        (await store().extras.available(kind)).filter(({ name }) => name.endsWith(a));
      await store().extras.offer(a, [
        { ...lora, models: ['mini'] },
        { kind: 'embedding', name: `cosy-${a}`, hash: '2b'.repeat(32), models: [] },
      ]);
      await store().extras.offer(b, [{ ...lora, models: ['mini', 'sdxl'] }]);
      expect(await offered('lora')).toEqual([{ name: lora.name, hash: lora.hash, models: ['mini', 'sdxl'] }]);
      expect(await offered('embedding')).toEqual([{ name: `cosy-${a}`, hash: '2b'.repeat(32), models: [] }]);
      await store().extras.offer(b, [{ ...lora, hash: '3c'.repeat(32), models: ['sdxl'] }]);
      expect(await offered('lora'), 'another file of that name').toHaveLength(1);
      await store().extras.offer(a, []);
      expect(await offered('lora')).toEqual([{ name: lora.name, hash: '3c'.repeat(32), models: ['sdxl'] }]);
      await store().extras.offer(b, [{ ...lora, models: [], unread: 'DoRA' }]);
      expect(await offered('lora')).toEqual([{ name: lora.name, hash: lora.hash, models: [], unread: 'DoRA' }]);
      await store().models.unregister(b);
      expect(await offered('lora')).toEqual([]);
      await store().models.unregister(a);
    });
  });

  it('answers a ping', async () => {
    await store().ping();
  });
}
