import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelCatalogue } from '../../../bot/models/catalogue.ts';
import { findModels } from '../../../bot/models/find-models.ts';
import { type Engine, EngineError, type ModelSource } from '../../../commands/engine.ts';
import type { ModelEntry } from '../../../config/index.ts';
import { createLogger } from '../../../config/index.ts';
import { mini } from '../../commands/memory-services.ts';

const log = createLogger({ logLevel: 'silent', secrets: [] });

/** An engine that describes every path but those with "broken" in it, and notes what it is asked. */
function describingEngine() {
  const described: string[] = [];
  const forgotten: string[] = [];
  const engine: Pick<Engine, 'describe' | 'forget'> = {
    describe: async ({ base }: ModelSource) => {
      described.push(base);
      if (base.includes('broken')) throw new EngineError('checkpoint', `${base}: the file is truncated`);
      return { ...mini, refiner: null };
    },
    forget: async ({ base }) => void forgotten.push(base),
  };
  return { engine, described, forgotten };
}

describe('the model folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-models-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const file = async (name: string, content = 'x') => {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  const open = (configured: readonly ModelEntry[] = []) => {
    const { engine, ...asked } = describingEngine();
    const catalogue = new ModelCatalogue({ engine, configured, folder, log });
    const names = () => catalogue.models.map(({ name }) => name);
    return { catalogue, names, ...asked };
  };

  it('has diffusers folders and single files, sorted into folders or not, and nothing hidden', async () => {
    await file('one/model_index.json');
    await file('one/unet/diffusion_pytorch_model.safetensors');
    await file('anime/two words.safetensors');
    await file('.pull/three.safetensors');
    await file('notes.txt');
    const found = (await findModels(folder)).map(({ entry }) => entry.name);
    expect(found).toEqual(['two_words', 'one']);
    expect(await findModels(join(folder, 'nowhere'))).toEqual([]);
  });

  it('is served as it is, and what comes or goes is noticed', async () => {
    await file('a.safetensors');
    const { catalogue, names, forgotten } = open();
    expect(await catalogue.refresh()).toBe(true);
    expect(await catalogue.refresh()).toBe(false);
    await file('b.safetensors');
    // It may still be written: not before it has looked alike twice.
    expect(await catalogue.refresh()).toBe(false);
    expect(await catalogue.refresh()).toBe(true);
    expect(names()).toEqual(['a', 'b']);
    await rm(join(folder, 'a.safetensors'));
    expect(await catalogue.refresh()).toBe(true);
    expect(names()).toEqual(['b']);
    expect(forgotten).toEqual([join(folder, 'a.safetensors')]);
  });

  it('waits for a file that is being written, and withdraws one that changes', async () => {
    const { catalogue, names, described } = open();
    await catalogue.refresh();
    for (let size = 1; size < 5; size++) {
      await file('slow.safetensors', 'x'.repeat(size));
      await catalogue.refresh();
    }
    expect(described).toEqual([]);
    await catalogue.refresh();
    expect(names()).toEqual(['slow']);
    await file('slow.safetensors', 'other');
    expect(await catalogue.refresh()).toBe(true);
    expect(names()).toEqual([]);
    await catalogue.refresh();
    expect(names()).toEqual(['slow']);
  });

  it('refuses what is broken, once, and serves the others; mended, it is served', async () => {
    await file('good.safetensors');
    await file('broken.safetensors');
    const configured = [{ name: 'listed', base: join(folder, 'broken-too'), refiner: null }];
    const { catalogue, names, described } = open(configured);
    for (let look = 0; look < 3; look++) await catalogue.refresh();
    expect(names()).toEqual(['good']);
    expect(catalogue.problem?.message).toContain('broken-too: the file is truncated');
    expect(described.filter((path) => path.includes('broken'))).toHaveLength(2);
    await rename(join(folder, 'broken.safetensors'), join(folder, 'mended.safetensors'));
    for (let look = 0; look < 2; look++) await catalogue.refresh();
    expect(names()).toEqual(['good', 'mended']);
  });

  it('gives a name to one model, and to the next one when that has gone', async () => {
    await file('x/same.safetensors');
    await file('y/same.safetensors');
    const { catalogue } = open();
    await catalogue.refresh();
    const bases = () => catalogue.models.map(({ source }) => source.base);
    expect(bases()).toEqual([join(folder, 'x/same.safetensors')]);
    await rm(join(folder, 'x'), { recursive: true });
    for (let look = 0; look < 2; look++) await catalogue.refresh();
    expect(bases()).toEqual([join(folder, 'y/same.safetensors')]);
  });

  it('does not repeat what is configured, for which the operator says who may use it', async () => {
    await file('a.safetensors');
    const allow = { guilds: ['g'], roles: [], users: [] };
    const { catalogue } = open([{ name: 'mine', base: join(folder, 'a.safetensors'), refiner: null, allow }]);
    await catalogue.refresh();
    expect(catalogue.models.map(({ name, description }) => [name, description.name, description.allow])).toEqual([
      ['mine', 'mine', allow],
    ]);
  });
});
