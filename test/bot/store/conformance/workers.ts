import { describe, expect, it } from 'vitest';
import type { ModelDescription } from '../../../../commands/engine.ts';
import { mini } from '../../../commands/memory-services.ts';
import { chargedTo, draw, found, newGuild, newUser, request } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

/** The models that workers offer. */
export function workerSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('a worker’s models', () => {
    const named = (name: string, changes: Partial<ModelDescription> = {}) => ({
      name,
      description: { ...mini, name, ...changes },
    });

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
      expect(await store().jobs.unservedModels()).toEqual([]);
      await store().models.register(worker, [named(served)]);
      expect(await store().jobs.unservedModels()).toEqual([gone]);
      expect((await store().jobs.failUnserved(gone)).map(({ id }) => id)).toEqual([lost.id]);
      expect(await found(store(), lost)).toMatchObject({ status: 'failed', failure: { code: 'not_served' } });
      expect(await found(store(), waits)).toMatchObject({ status: 'queued' });
      expect((await chargedTo(store(), guild)).pictures).toBe(1);
      await store().models.unregister(worker);
      await removeJobs();
    });
  });

  describe('a worker’s LoRAs and embeddings', () => {
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
      await store().models.unregister(b);
      expect(await offered('lora')).toEqual([]);
      await store().models.unregister(a);
    });
  });

  it('answers a ping', async () => {
    await store().ping();
  });
}
