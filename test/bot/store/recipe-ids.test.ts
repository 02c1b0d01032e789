import { afterAll, beforeAll, expect, test } from 'vitest';
import { recipeIdSchema } from '../../../commands/ids.ts';
import { recipeId, recipeIds } from '../../../commands/recipe.ts';
import { type MemoryStore, openMemoryStore } from './memory-store.ts';
import { draw, drawn, recipe, request } from './requests.ts';

let memory: MemoryStore;
beforeAll(async () => {
  memory = await openMemoryStore();
});
afterAll(() => memory.store.close());

const keep = (id: string, kept: object) =>
  memory.database.client.query('insert into easel.recipes (id, recipe) values ($1, $2)', [id, JSON.stringify(kept)]);

const pictureOf = async (changes: Parameters<typeof draw>[1]) => {
  const job = await drawn(memory.store, request({ work: draw(1, changes) }));
  const [picture] = await memory.store.pictures.ofJob(job.id);
  if (picture === undefined) throw new Error('Nothing was drawn.');
  return picture;
};

test('a recipe whose id another one has gets a longer one, and both keep their own words', async () => {
  const harmless = { ...recipe, prompt: 'a cat in the snow' };
  const forged = { ...recipe, prompt: 'a person being hurt' };
  const [short, long] = recipeIds(forged);
  await keep(short, harmless);
  for (const picture of [await pictureOf(forged), await pictureOf(forged)]) {
    expect(picture).toMatchObject({ recipeId: long, recipe: { prompt: 'a person being hurt' } });
  }
  expect(await memory.store.pictures.recipe(short)).toMatchObject({ prompt: 'a cat in the snow' });
  expect(await memory.store.pictures.recipe(long)).toMatchObject({ prompt: 'a person being hurt' });
});

test('the same recipe has one id, which has 80 bits', async () => {
  const [first, second] = [await pictureOf({ prompt: 'twice' }), await pictureOf({ prompt: 'twice' })];
  expect(first.recipeId).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/);
  expect(second.recipeId).toBe(first.recipeId);
  expect(recipeId(first.recipe)).toBe(first.recipeId);
});

test('what was kept under a shorter id of before is found by it', async () => {
  const before = recipeIdSchema.parse('cbx967q8y3');
  await keep(before, { ...recipe, prompt: 'an old picture' });
  expect(await memory.store.pictures.recipe(before)).toMatchObject({ prompt: 'an old picture' });
});
