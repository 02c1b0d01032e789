import { beforeEach, describe, expect, test } from 'vitest';
import { formatInfotext } from '../../commands/infotext.ts';
import { withPngTexts } from '../../commands/png-text.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { ask, attachment, drawn } from './ask.ts';
import { MemoryServices, mini } from './memory-services.ts';
import { onePixel } from './one-pixel.ts';

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
});

describe('reproduce', () => {
  test('by id, on any platform', async () => {
    const [picture] = await drawn(services, { negative: 'dogs' });
    await ask(services, 'reproduce', { target: picture?.recipeId }, { platform: 'slack', guild: 'T1', user: 'U1' });
    expect(services.lastWork()).toEqual({ kind: 'draw', count: 1, recipe: picture?.recipe });
  });

  test('from the PNG that carries it', async () => {
    const [picture] = await drawn(services);
    const carrying = withPngTexts(onePixel, { parameters: formatInfotext(picture!.recipe) });
    await ask(services, 'reproduce', { picture: attachment(carrying) });
    expect(services.lastWork().recipe).toEqual(picture?.recipe);
    await expect(ask(services, 'reproduce', { picture: attachment(onePixel) })).rejects.toThrow('carries no recipe');
    await expect(ask(services, 'reproduce')).rejects.toThrow('Which recipe?');
  });

  test.each<[string, Partial<Recipe>, string]>([
    ['its size', { width: 4096 }, 'size: 4096x256 is not possible'],
    ['its sampler', { sampler: 'magic' }, 'sampler: "magic" is not known'],
    ['its LoRA', { loras: [{ name: 'noir', hash: '', weight: 1 }] }, 'needs what is not served here: noir.'],
  ])('a recipe that somebody wrote into a picture is held against the model: %s', async (_name, changes, line) => {
    const [picture] = await drawn(services);
    const carrying = withPngTexts(onePixel, { parameters: formatInfotext({ ...picture!.recipe, ...changes }) });
    await expect(ask(services, 'reproduce', { picture: attachment(carrying) })).rejects.toThrow(line);
  });

  test('the model is known by its weights, whatever its name here', async () => {
    const [picture] = await drawn(services);
    services.served.clear();
    services.served.set('renamed', { ...mini, name: 'renamed' });
    await ask(services, 'reproduce', { target: picture?.recipeId });
    expect(services.lastWork().recipe).toEqual({ ...picture?.recipe, model: { name: 'renamed', hash: mini.hash } });
    services.served.set('renamed', { ...mini, hash: 'ff'.repeat(32) });
    await expect(ask(services, 'reproduce', { target: picture?.recipeId })).rejects.toThrow(
      'The model mini of this recipe is not served here',
    );
  });
});
