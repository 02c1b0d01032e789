import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildRecipe, type RecipeWishes, sideLimits } from '../../commands/build-recipe.ts';
import { blobKeySchema } from '../../commands/ids.ts';
import { LATEST_REVISION } from '../../commands/parameters/revision.ts';
import { MAX_SEED } from '../../commands/parameters/seed.ts';
import { pictureRecipe, type Recipe, recipeId, recipeSchema } from '../../commands/recipe.ts';
import { UserError } from '../../commands/request.ts';
import { mini } from './memory-services.ts';

const build = (wishes: Partial<RecipeWishes> = {}, start?: Recipe) =>
  buildRecipe({ prompt: 'a cat', ...wishes }, mini, 7, { start });
const picture = blobKeySchema.parse('ab'.repeat(32));

test('what is not said comes from the model', () => {
  expect(build()).toEqual({
    prompt: 'a cat',
    width: 256,
    height: 256,
    steps: 20,
    guidance: 5,
    guidanceRescale: 0,
    sampler: 'euler',
    seed: 7,
    refine: 0.8,
    model: { name: 'mini', hash: mini.hash },
    refiner: mini.refiner,
    revision: LATEST_REVISION,
    loras: [],
  });
});

test('a fast picture keeps its deep features over steps; an earlier recipe brings its own', () => {
  const fast = build({ fast: true });
  expect(fast.deepEvery).toBe(3);
  expect(build({}, fast).deepEvery).toBe(3);
  expect('deepEvery' in build({ fast: false }, fast)).toBe(false);
  expect('deepEvery' in build()).toBe(false);
});

describe('sizes', () => {
  test.each([
    [{ size: '320x192' }, 320, 192],
    [{ size: ' 320 × 192 ' }, 320, 192],
    [{ size: '64X512' }, 64, 512],
    [{ aspect: '1:1' }, 256, 256],
    [{ aspect: '16:9' }, 336, 192],
    [{ aspect: '9:16' }, 192, 336],
    [{ aspect: '1000:1' }, 512, 128],
    [{ init: { picture, width: 3000, height: 1000 } }, 432, 144],
  ])('%j', (wishes, width, height) => {
    expect(build(wishes)).toMatchObject({ width, height });
  });

  test.each([
    [
      { size: '250x250' },
      'size: 250x250 is not possible; each side is a multiple of 8 from 64 to 512, and the nearest is 248x248.',
    ],
    [{ size: '9999x8' }, 'the nearest is 512x64.'],
    [{ size: '256' }, 'size: "256" is not a size; it takes WIDTHxHEIGHT in pixels, such as 320x192.'],
    [{ size: '256x256', aspect: '1:1' }, 'Give size or aspect, not both.'],
    [{ aspect: '16x9' }, 'aspect: "16x9" is not a ratio; it takes WIDTH:HEIGHT, such as 16:9.'],
    [{ aspect: '1:0' }, 'aspect: "1:0" is not a ratio'],
    [{ sampler: 'magic' }, 'sampler: "magic" is not known; there are: euler, euler_a, unipc.'],
    [{ strength: 0.5 }, 'strength: there is no picture to start from'],
    [{ init: { picture }, strength: 0.01 }, 'is less than one step'],
    [{ prompt: 'x'.repeat(4001) }, 'prompt: 4,001 characters are too many; it takes at most 4,000.'],
  ])('%j is refused', (wishes, message) => {
    expect(() => build(wishes)).toThrow(UserError);
    expect(() => build(wishes)).toThrow(message);
  });
});

describe('the refiner', () => {
  test.each<[string | undefined, number | null]>([
    [undefined, 0.8],
    ['auto', 0.8],
    ['on', 0.8],
    ['ON ', 0.8],
    ['off', null],
    ['0.5', 0.5],
    ['0,9', 0.9],
  ])('%s is %s', (refine, share) => {
    const recipe = build({ refine });
    expect(recipe.refine).toBe(share);
    expect(recipe.refiner).toEqual(share === null ? undefined : mini.refiner);
  });

  test.each(['0', '1', '-0.5', 'yes', 'NaN', ''])('%s is refused', (refine) => {
    expect(() => build({ refine })).toThrow('refine: ');
  });

  test('a model without one is drawn alone, and asking for it is refused', () => {
    const alone = { ...mini, refiner: null };
    expect(buildRecipe({ prompt: 'a' }, alone, 1).refine).toBeNull();
    expect(() => buildRecipe({ prompt: 'a', refine: 'on' }, alone, 1)).toThrow('the model mini has no refiner');
  });

  test('a picture that is drawn from another is refined only where that was asked', () => {
    expect(build({ init: { picture } })).toMatchObject({ refine: null, init: { picture, strength: 0.6 } });
    expect(build({ init: { picture }, refine: 'on' }).refine).toBe(0.8);
  });
});

test('an earlier recipe comes before the model, and what is said before both', () => {
  const start = build({ size: '320x192', steps: 11, guidance: 3, sampler: 'unipc', refine: 'off', negative: 'old' });
  expect(build({ prompt: 'a dog', steps: 12 }, start)).toEqual({
    ...start,
    prompt: 'a dog',
    steps: 12,
    negative: undefined,
  });
});

test('an earlier recipe of a larger model has to name a size that this one can draw', () => {
  const start = { ...build(), width: 1024, height: 1024 };
  expect(() => build({}, start)).toThrow('size: 1024x1024 is not possible');
  expect(build({ aspect: '1:1' }, start)).toMatchObject({ width: 256, height: 256 });
});

test('whatever is asked, the recipe is sound or one line says why not', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('320x192', '16:9', '8x8', 'on', 'off', '0.3', 'euler'));
  const wishes = fc.record(
    {
      prompt: fc.string({ minLength: 1 }),
      negative: fc.string(),
      size: text,
      aspect: text,
      steps: fc.integer({ min: 1, max: 200 }),
      guidance: fc.double({ min: 0, max: 50, noNaN: true }),
      sampler: fc.oneof(text, fc.constant('unipc')),
      refine: text,
      strength: fc.double({ min: 0.01, max: 1, noNaN: true }),
      init: fc.constant({ picture }),
    },
    { requiredKeys: ['prompt'] },
  );
  const { min, max } = sideLimits(mini);
  fc.assert(
    fc.property(wishes, fc.integer({ min: 0, max: MAX_SEED }), (given, seed) => {
      try {
        const recipe = recipeSchema.parse(buildRecipe(given, mini, seed));
        expect(Math.min(recipe.width, recipe.height)).toBeGreaterThanOrEqual(min);
        expect(Math.max(recipe.width, recipe.height)).toBeLessThanOrEqual(max);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        expect(error.message).not.toContain('\n\n');
      }
    }),
  );
});

describe("a recipe's id", () => {
  test('does not depend on the order of the keys, and on everything else', () => {
    const recipe = build();
    const keys = fc.shuffledSubarray(Object.keys(recipe), { minLength: Object.keys(recipe).length });
    fc.assert(
      fc.property(keys, (order) => {
        const shuffled = Object.fromEntries(order.map((key) => [key, Object(recipe)[key]])) as Recipe;
        expect(recipeId(shuffled)).toBe(recipeId(recipe));
      }),
    );
    const others = [build({ negative: '' }), build({ steps: 21 }), build({ refine: 'off' }), pictureRecipe(recipe, 1)];
    expect(new Set([recipe, ...others].map(recipeId)).size).toBe(5);
  });

  test('an absent value and an undefined one are the same', () => {
    expect(recipeId({ ...build(), prompt2: undefined } as unknown as Recipe)).toBe(recipeId(build()));
  });
});

test('seeds of one request count up and wrap after the largest', () => {
  const seeds = (seed: number) => [0, 1, 2].map((index) => pictureRecipe({ ...build(), seed }, index).seed);
  expect(seeds(7)).toEqual([7, 8, 9]);
  expect(seeds(MAX_SEED - 1)).toEqual([MAX_SEED - 1, MAX_SEED, 0]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_SEED }), fc.nat({ max: 3 }), (seed, index) => {
      const wrapped = (BigInt(seed) + BigInt(index)) % (BigInt(MAX_SEED) + 1n);
      expect(BigInt(pictureRecipe({ ...build(), seed }, index).seed)).toBe(wrapped);
    }),
  );
});
