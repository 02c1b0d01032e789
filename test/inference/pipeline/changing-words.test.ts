import sharp from 'sharp';
import { expect, it } from 'vitest';
import { LATEST_REVISION } from '../../../commands/parameters/revision.ts';
import { EngineServer } from '../../../inference/engine/server.ts';
import { miniature, receiver } from '../engine/receiver.ts';
import { smallRecipe } from '../small-recipe.ts';

const engine = receiver();
const server = new EngineServer(
  { provider: 'cpu', threads: 1, maxBatch: 8, memoryLimit: 0, cacheFolder: '', previews: false },
  engine.send,
);

async function draw(prompt: string, changes: object = {}): Promise<Buffer> {
  const recipe = smallRecipe({ prompt, steps: 6, revision: LATEST_REVISION, ...changes });
  const { picture } = await engine.run(server, { kind: 'draw', model: miniature, recipe, handoffAt: null });
  return sharp(picture).raw().toBuffer();
}

const distance = (a: Buffer, b: Buffer): number =>
  a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length;

it('words are those of the step', async () => {
  const [cat, dog] = [await draw('a cat'), await draw('a dog')];
  expect((await draw('a [cat:dog:0]')).equals(dog)).toBe(true);
  expect((await draw('a [cat:dog:1.0]')).equals(cat)).toBe(true);
  const turned = await draw('a [cat:dog:2]');
  expect(turned.equals(cat) || turned.equals(dog)).toBe(false);
  const early = await draw('a [cat:dog:5]');
  expect(distance(early, cat)).toBeLessThan(distance(turned, cat));
});

it('they are counted over all steps, whoever takes them', async () => {
  // The refiner's part begins at step 5 of 6, so that the base never sees the dog.
  const refined = { refine: 0.8 };
  expect((await draw('a [cat:dog:5]', refined)).equals(await draw('a [cat:owl:5]', refined))).toBe(false);
  expect((await draw('a [cat:dog:6]', refined)).equals(await draw('a cat', refined))).toBe(true);
});

it('AND draws towards several prompts, each by its weight', async () => {
  const cat = await draw('a cat');
  expect(distance(await draw('a cat AND a dog :0'), cat)).toBeLessThan(1);
  expect(distance(await draw('a cat :0.5 AND a cat :0.5'), cat)).toBeLessThan(1);
  expect(distance(await draw('a cat AND a dog'), cat)).toBeGreaterThan(3);
});

it('recipes of before read all of it as words', async () => {
  const old = { revision: undefined };
  const turned = await draw('a [cat:dog:0]', old);
  expect(turned.equals(await draw('a dog', old))).toBe(false);
});
