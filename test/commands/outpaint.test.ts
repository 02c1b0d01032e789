import { beforeEach, describe, expect, test } from 'vitest';
import { formatInfotext, parseInfotext } from '../../commands/infotext.ts';
import type { Picture } from '../../commands/job.ts';
import { ask } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

let services: MemoryServices;
let picture: Picture;
beforeEach(async () => {
  services = new MemoryServices();
  await ask(services, 'imagine', { prompt: 'a cat', seed: 7, refine: 'on' });
  picture = services.finishLast()[0]!;
});

describe('zoom-out', () => {
  test.each([
    [undefined, { x: 64, y: 64, width: 128, height: 128 }],
    ['1.5', { x: 40, y: 40, width: 176, height: 176 }],
  ])('by %s puts the picture into the middle of one as large', async (factor, place) => {
    await ask(services, 'zoom-out', { target: picture.id, factor });
    const recipe = services.lastWork().recipe;
    expect(recipe).toMatchObject({ width: 256, height: 256, refine: null, seed: 1001, init: { place } });
    expect(recipe).toMatchObject({ init: { picture: picture.blob }, parent: { recipe: picture.recipeId } });
    expect(recipe).not.toHaveProperty('refiner');
  });

  test('may say what the wider picture shows', async () => {
    await ask(services, 'zoom-out', { target: picture.id, prompt: 'a cat in a painting on a wall' });
    expect(services.lastWork().recipe.prompt).toBe('a cat in a painting on a wall');
  });
});

describe('pan', () => {
  test.each([
    ['left', 384, 256, 128, 0],
    ['right', 384, 256, 0, 0],
    ['up', 256, 384, 0, 128],
    ['down', 256, 384, 0, 0],
  ])('%s adds to that side', async (direction, width, height, x, y) => {
    await ask(services, 'pan', { target: picture.id, direction });
    expect(services.lastWork().recipe).toMatchObject({
      width,
      height,
      init: { place: { x, y, width: 256, height: 256 } },
    });
  });

  test('goes on beyond what the model draws at once, up to a limit', async () => {
    let target = picture.id;
    for (const width of [384, 576, 864, 1296, 1944]) {
      await ask(services, 'pan', { target });
      expect(services.lastWork().recipe.width).toBe(width);
      target = services.finishLast()[0]!.id;
    }
    await expect(ask(services, 'pan', { target })).rejects.toThrow('2920x256 would be too large');
  });
});

test('one picture of several is shown with all that can be done with it', async () => {
  await ask(services, 'imagine', { prompt: 'a cat', count: 3 });
  const [, second] = services.finishLast();
  const reply = await ask(services, 'more', { target: second?.id });
  if (reply.kind !== 'message') throw new Error('That is no message.');
  expect(reply).toMatchObject({ visibility: 'private', pictures: [{ id: second?.id }] });
  expect(reply.buttons?.map((row) => row.map(({ label }) => label))).toEqual([
    ['Upscale', 'Upscale 4x', 'Upscale creative'],
    ['Vary subtle', 'Vary strong', 'Inpaint'],
    ['Zoom out 1.5x', 'Zoom out 2x'],
    ['Pan left', 'Pan right', 'Pan up', 'Pan down'],
    ['Again', 'Edit', 'Delete'],
  ]);
});

describe('what was extended', () => {
  beforeEach(async () => {
    for (let count = 0; count < 2; count++) {
      await ask(services, 'pan', { target: picture.id });
      picture = services.finishLast()[0]!;
    }
  });

  test('is told by /show, and reproduces from its metadata', async () => {
    expect(parseInfotext(formatInfotext(picture.recipe))).toEqual(picture.recipe);
    const shown = await ask(services, 'show', { target: picture.id });
    expect(shown).toMatchObject({
      fields: expect.arrayContaining([{ name: 'Extended from', value: '384x256 at 0, 0' }]),
    });
    await ask(services, 'reproduce', { target: picture.recipeId });
    expect(services.lastWork().recipe).toEqual(picture.recipe);
  });

  test('keeps where it lies when it is edited at the same size', async () => {
    const form = await ask(services, 'edit', { target: picture.id });
    if (form.kind !== 'form') throw new Error('That is no form.');
    const filled = Object.fromEntries(form.fields.map(({ name, value }) => [name, value]));
    await ask(services, form.command, { ...filled, ...form.hidden });
    const { parent: _parent, ...same } = picture.recipe;
    expect(services.lastWork().recipe).toEqual(same);
    await ask(services, form.command, { ...filled, ...form.hidden, size: '256x256' });
    expect(services.lastWork().recipe.init).not.toHaveProperty('place');
  });

  test('varies as a whole', async () => {
    await ask(services, 'vary', { target: picture.id });
    expect(services.lastWork().recipe).toMatchObject({ width: 576, init: { picture: picture.blob } });
    expect(services.lastWork().recipe.init).not.toHaveProperty('place');
    expect(services.lastWork().recipe).not.toHaveProperty('feather');
  });
});
