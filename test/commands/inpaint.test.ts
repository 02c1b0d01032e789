import { beforeEach, describe, expect, test } from 'vitest';
import { ask, attachment } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

const PICTURE = new Uint8Array([1, 2, 3]);
const MASK = new Uint8Array([4, 5, 6]);

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
});
const stored = (key: string | undefined): Uint8Array | undefined => services.store.blobs.get(key ?? '');

describe('imagine with a mask', () => {
  test('draws only there, most of the way from the picture, and fades over', async () => {
    await ask(services, 'imagine', { prompt: 'a hat', picture: attachment(PICTURE), mask: attachment(MASK) });
    const recipe = services.lastWork().recipe;
    expect(recipe).toMatchObject({ width: 432, height: 144, feather: 5, init: { strength: 0.9 } });
    expect(stored(recipe.init?.picture)).toEqual(PICTURE);
    expect(stored(recipe.mask)).toEqual(MASK);
  });

  test('takes the transparent part of the picture where no mask is given', async () => {
    services.hole = attachment(MASK);
    await ask(services, 'imagine', { prompt: 'a hat', picture: attachment(PICTURE), strength: 0.5 });
    const { recipe } = services.lastWork();
    expect(recipe).toMatchObject({ init: { strength: 0.5 } });
    expect(stored(recipe.mask)).toEqual(MASK);
  });

  test('needs the picture that it is for', async () => {
    await expect(ask(services, 'imagine', { prompt: 'a hat', mask: attachment(MASK) })).rejects.toThrow(
      'mask: there is no picture that it is for; give one.',
    );
  });
});

describe('inpaint', () => {
  beforeEach(async () => {
    await ask(services, 'imagine', { prompt: 'a cat', seed: 7 });
  });

  test('asks for the part with a form, which leads to the drawing', async () => {
    const [picture] = services.finishLast();
    const form = await ask(services, 'inpaint', { target: picture?.id });
    expect(form).toMatchObject({
      kind: 'form',
      command: 'inpaint',
      mask: { name: 'mask', picture: { blob: picture?.blob, width: 256, height: 256 } },
      fields: [{ name: 'prompt', value: 'a cat' }],
    });
    if (form.kind !== 'form') throw new Error('That is no form.');
    await ask(services, form.command, { ...form.hidden, prompt: 'a hat', mask: attachment(MASK) });
    const recipe = services.lastWork().recipe;
    expect(recipe).toMatchObject({
      prompt: 'a hat',
      seed: 1001,
      refine: null,
      feather: 8,
      init: { picture: picture?.blob, strength: 0.9 },
      parent: { recipe: picture?.recipeId, by: 'inpaint' },
    });
    expect(stored(recipe.mask)).toEqual(MASK);
    const [painted] = services.finishLast();
    await ask(services, 'again', { target: painted?.id });
    expect(services.lastWork().recipe, 'again draws the same part').toMatchObject({ mask: recipe.mask, seed: 1002 });
    await ask(services, 'reproduce', { target: painted?.recipeId });
    expect(services.lastWork().recipe).toEqual(recipe);
  });
});
