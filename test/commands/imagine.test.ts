import { beforeEach, describe, expect, test } from 'vitest';
import { defaultSettings } from '../../commands/settings.ts';
import { ask, attachment } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
});

describe('imagine', () => {
  test('is accepted with place, time and price, and can be cancelled', async () => {
    const reply = await ask(services, 'imagine', { prompt: 'a cat', seed: 7, count: 2 });
    expect(reply).toMatchObject({
      kind: 'accepted',
      visibility: 'public',
      text: 'a cat · 256x256 · 20 steps · seed 7 · 2 pictures · 2.5 compute seconds',
      place: 0,
      expectedSeconds: 4,
      repeated: false,
      buttons: [[{ command: 'cancel', label: 'Cancel' }]],
    });
    expect(services.lastWork()).toMatchObject({
      kind: 'draw',
      count: 2,
      recipe: { prompt: 'a cat', seed: 7, refine: null },
    });
  });

  test('in the language of the person', async () => {
    const reply = await ask(
      services,
      'imagine',
      { prompt: 'eine Katze', seed: 7, steps: 1, refine: 'off' },
      { locale: 'de-DE' },
    );
    expect(reply).toMatchObject({ text: 'eine Katze · 256x256 · 1 Schritt · Seed 7 · 2,5 Rechensekunden' });
  });

  test('own defaults come before the guild’s, and what is said before both', async () => {
    services.store.settings.set('guild', {
      ...defaultSettings,
      defaults: { steps: 10, guidance: 3, aspect: '16:9', sampler: 'nowhere', count: 3 },
    });
    services.store.preferences.set('guild ann', { guidance: 4, private: true });
    await ask(services, 'imagine', { prompt: 'a cat', count: 1 });
    expect(services.lastWork()).toMatchObject({
      count: 1,
      recipe: { steps: 10, guidance: 4, width: 336, height: 192, sampler: 'euler' },
    });
    expect(services.accepted.at(-1)?.visibility).toBe('private');
    await ask(services, 'imagine', { prompt: 'a cat', size: '256x256', private: false });
    expect(services.lastWork()).toMatchObject({ count: 3, recipe: { width: 256, height: 256 } });
    expect(services.accepted.at(-1)?.visibility).toBe('public');
  });

  test('a style goes around the words, literally', async () => {
    await ask(services, 'imagine', { prompt: 'a $& cat', style: 'Photo', negative: 'dogs' });
    expect(services.lastWork().recipe).toMatchObject({
      prompt: 'a photograph of a $& cat, natural light, sharp focus, fine detail',
      negative: 'dogs, drawing, painting, blurry',
    });
    await expect(ask(services, 'imagine', { prompt: 'a cat', style: 'noir' })).rejects.toThrow(
      'style: "noir" is not known here; there are: comic, painting, photo, pixel-art, sketch, watercolour.',
    );
  });

  test('from an attached picture', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    await ask(services, 'imagine', { prompt: 'a cat', picture: attachment(bytes), strength: '0.4' });
    const { recipe } = services.lastWork();
    expect(recipe).toMatchObject({ width: 432, height: 144, refine: null, init: { strength: 0.4 } });
    expect(services.store.blobs.get(recipe.init?.picture ?? '')).toEqual(bytes);
  });

  test('an empty negative prompt in a chat is none', async () => {
    await ask(services, 'imagine', { prompt: 'a cat', negative: '' });
    expect(services.lastWork().recipe).not.toHaveProperty('negative');
  });

  test('the same event is accepted once', async () => {
    const first = await ask(services, 'imagine', { prompt: 'a cat' }, { event: 'twice' });
    const second = await ask(services, 'imagine', { prompt: 'a cat' }, { event: 'twice' });
    expect(second).toMatchObject({ job: first.kind === 'accepted' ? first.job : '', repeated: true });
    expect(services.accepted).toHaveLength(1);
  });

  test('an unknown model is refused', async () => {
    await expect(ask(services, 'imagine', { prompt: 'a cat', model: 'huge' })).rejects.toThrow(
      'There is no model huge.',
    );
  });
});
