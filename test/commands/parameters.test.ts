import { expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { formatInfotext, parseInfotext } from '../../commands/infotext.ts';
import { advancedOptions, parameters, recipeOptions, recipeShape } from '../../commands/parameters/index.ts';
import { LATEST_REVISION, rulesOf } from '../../commands/parameters/revision.ts';
import { impersonal, recipeId, recipeSchema } from '../../commands/recipe.ts';

const recipe = recipeSchema.parse({
  ...{ prompt: 'my secret cat', negative: 'secret dogs', width: 256, height: 192, steps: 9, guidance: 5 },
  ...{ guidanceRescale: 0, sampler: 'euler', seed: 7, refine: null, model: { name: 'mini', hash: 'ab' } },
  ...{ loras: [{ name: 'secret', hash: 'ab', weight: 1 }], clipSkip: 3, deepEvery: 3 },
  ...{ init: { picture: 'ab'.repeat(32), strength: 0.5 }, parent: { recipe: '0123456789', by: 'vary' } },
});

test('no two parameters claim the same key or option', () => {
  const keys = parameters.flatMap(({ shape }) => Object.keys(shape));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toEqual(Object.keys(recipeShape));
  const options = parameters.flatMap(({ options, advancedOptions: more }) => Object.keys({ ...options, ...more }));
  expect(new Set(options).size).toBe(options.length);
});

test('/imagine offers every option of every parameter', () => {
  const imagine = commands.find(({ name }) => name === 'imagine');
  expect(imagine?.options).toMatchObject({ ...recipeOptions, ...advancedOptions });
});

test('of a forgotten author’s recipe stays what says nothing about a person', () => {
  const left = impersonal(recipe);
  expect(JSON.stringify(left)).not.toContain('secret');
  expect(left).toEqual({
    ...{ prompt: '', loras: [], width: 256, height: 192, steps: 9, guidance: 5, guidanceRescale: 0, clipSkip: 3 },
    ...{ deepEvery: 3, sampler: 'euler', seed: 7, refine: null, model: { name: 'mini', hash: 'ab' } },
  });
});

test('an infotext begins as other programs expect it', () => {
  expect(formatInfotext(recipe)).toContain(
    '\nSteps: 9, Sampler: euler, CFG scale: 5, Seed: 7, Size: 256x192, Model hash: ab, Model: mini, ',
  );
});

test('a recipe from before revisions keeps its id, its infotext and its rules', () => {
  const text = formatInfotext(recipe);
  expect(text).not.toContain('revision');
  expect(rulesOf(recipe)).toEqual({ restoresMean: true, trainedNoise: false, changesWords: false });
  // Its ten characters of before are the first of those of now.
  expect(recipeId(recipe)).toMatch(/^eeca8ys3k4.{6}$/);
  const now = { ...recipe, revision: LATEST_REVISION } as const;
  expect(parseInfotext(formatInfotext(now))).toEqual(now);
  expect(rulesOf(now)).toEqual({ restoresMean: false, trainedNoise: true, changesWords: true });
});

test('a layer of the text encoders that is the usual one is as none', () => {
  const { clipSkip: _clipSkip, ...usual } = recipe;
  expect(parseInfotext(formatInfotext(recipe))).toEqual(recipe);
  expect(parseInfotext(`${formatInfotext(usual)}, Clip skip: 2`)).toEqual(usual);
});
