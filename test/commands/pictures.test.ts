import { beforeEach, describe, expect, test } from 'vitest';
import type { Job } from '../../commands/job.ts';
import { recipeId } from '../../commands/recipe.ts';
import type { Reply } from '../../commands/reply.ts';
import { UserError } from '../../commands/request.ts';
import { ask, attachment, drawn } from './ask.ts';
import { MemoryServices, mini } from './memory-services.ts';
import { onePixel } from './one-pixel.ts';

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
});

describe('on a picture', () => {
  test('refine goes on from it, with the refiner', async () => {
    const [picture] = await drawn(services, { refine: 'off', private: true });
    await ask(services, 'refine', { target: picture?.id });
    expect(services.lastWork()).toEqual({
      kind: 'refine',
      source: picture?.id,
      recipe: {
        ...picture?.recipe,
        refine: 0.8,
        refiner: mini.refiner,
        parent: { recipe: picture?.recipeId, by: 'refine' },
      },
    });
    expect(services.accepted.at(-1)?.visibility, 'a private picture stays private').toBe('private');
    const [refined] = services.finishLast();
    await expect(ask(services, 'refine', { target: refined?.id })).rejects.toThrow('refined already');
  });

  test('upscale enlarges it once', async () => {
    const [picture] = await drawn(services);
    await ask(services, 'upscale', { target: picture?.id, factor: 4 });
    expect(services.lastWork()).toMatchObject({
      kind: 'upscale',
      recipe: { upscale: { factor: 4, method: 'realesrgan-compact' } },
    });
    const [large] = services.finishLast();
    await expect(ask(services, 'upscale', { target: large?.id })).rejects.toThrow('enlarged 4 times already');
    await expect(ask(services, 'refine', { target: large?.id })).rejects.toThrow('already');
  });

  test('upscale takes the method that is asked for, if there is one', async () => {
    const [picture] = await drawn(services);
    await ask(services, 'upscale', { target: picture?.id, factor: 3, method: 'ultra' });
    expect(services.lastWork()).toMatchObject({ recipe: { upscale: { factor: 3, method: 'ultra' } } });
    await expect(ask(services, 'upscale', { target: picture?.id, method: 'magic' })).rejects.toThrow(
      'method: "magic" is not known; there are: realesrgan-compact, lanczos, ultra.',
    );
  });

  test('vary starts from it with a new seed', async () => {
    const [picture] = await drawn(services);
    await ask(services, 'vary', { target: picture?.id, change: 'subtle' });
    expect(services.lastWork()).toMatchObject({
      kind: 'draw',
      count: 1,
      recipe: { seed: 1001, refine: null, init: { picture: picture?.blob, strength: 0.45 } },
    });
    expect(services.lastWork().recipe).not.toHaveProperty('refiner');
  });

  test('again draws as many with a new seed', async () => {
    const [picture] = await drawn(services, { count: 3 });
    await ask(services, 'again', { target: picture?.id });
    expect(services.lastWork()).toMatchObject({ count: 3, recipe: { ...picture?.recipe, seed: 1001 } });
  });

  test('each is told from the picture that it was made from', async () => {
    const [picture] = await drawn(services);
    const made = async (command: string, options = {}, locale = 'en') => {
      const reply = await ask(services, command, { target: picture?.id, ...options }, { locale });
      return reply.kind === 'accepted' ? reply.text.replace(/^a cat · | · 20 (steps|Schritte) ·.*$/gs, '') : reply;
    };
    expect(await made('refine')).toBe('refined · 256x256');
    expect(await made('upscale', { factor: 4 })).toBe('enlarged 4 times · 1024x1024');
    expect(await made('upscale', { detail: true })).toBe('enlarged 2 times with new detail · 512x512');
    expect(await made('vary')).toBe('variation · 256x256');
    expect(await made('zoom-out')).toBe('zoomed out · 256x256');
    expect(await made('pan')).toBe('extended to one side · 384x256');
    expect(await made('inpaint', { mask: attachment(onePixel) })).toBe('a part drawn anew · 256x256');
    expect(await made('again')).toBe('256x256');
    expect(await made('vary', {}, 'de')).toBe('Variation · 256x256');
  });

  test('edit fills a form, which leads back to the same recipe', async () => {
    const [picture] = await drawn(services, {
      guidance: 3,
      sampler: 'unipc',
      refine: 'off',
      negative: 'dogs',
      aspect: '16:9',
    });
    const form = await ask(services, 'edit', { target: picture?.id });
    if (form.kind !== 'form') throw new Error('That is no form.');
    const filled = Object.fromEntries(form.fields.map(({ name, value }) => [name, value]));
    await ask(services, form.command, { ...filled, ...form.hidden });
    expect(recipeId(services.lastWork().recipe)).toBe(picture?.recipeId);
    services.store.preferences.set('guild ann', { negative: 'cats', style: 'comic', steps: 99, count: 4 });
    await ask(services, form.command, { ...filled, ...form.hidden, negative: '', more: '', prompt: 'a dog' });
    expect(services.lastWork().recipe).toMatchObject({
      prompt: 'a dog',
      seed: 1001,
      sampler: 'unipc',
      guidance: 3,
      width: 336,
    });
    expect(services.lastWork().recipe).not.toHaveProperty('negative');
  });

  test('of a picture that is no longer kept the recipe is there, and nothing starts from it', async () => {
    const [picture] = await drawn(services);
    services.store.pictures.set(picture!.id, { ...picture!, expired: true });
    const shown = await ask(services, 'show', { target: picture!.id });
    expect(shown).toMatchObject({ title: `Recipe ${picture!.recipeId}`, pictures: [] });
    expect(shown).toHaveProperty('text', expect.stringMatching(/no longer kept here; its recipe draws it again/));
    expect(await ask(services, 'history')).toMatchObject({ pictures: [], fields: [{ name: picture!.recipeId }] });
    for (const command of ['refine', 'upscale', 'vary']) {
      await expect(ask(services, command, { target: picture!.id })).rejects.toThrow(
        `no longer kept here. Its recipe draws it again: /reproduce ${picture!.recipeId}`,
      );
    }
    expect(await ask(services, 'again', { target: picture!.id })).toMatchObject({ kind: 'accepted' });
  });

  test('every value of a recipe stands in the form, and can be changed there', async () => {
    const [picture] = await drawn(services, {
      guidance: 3,
      'guidance-rescale': 0.5,
      sampler: 'unipc',
      refine: '0.7',
      seed: 7,
    });
    const form = await ask(services, 'edit', { target: picture?.id });
    if (form.kind !== 'form') throw new Error('That is no form.');
    expect(form.fields.length).toBeLessThanOrEqual(5);
    const filled = Object.fromEntries(form.fields.map(({ name, value }) => [name, value]));
    expect(filled.more).toBe('--seed 7 --guidance 3 --guidance-rescale 0.5 --sampler unipc --refine 0.7 --model mini');
    const more = '--seed 8 --guidance 4.5 --sampler euler --refine off --model mini';
    await ask(services, form.command, { ...filled, ...form.hidden, more });
    expect(services.lastWork().recipe).toMatchObject({ seed: 8, guidance: 4.5, sampler: 'euler', refine: null });
    await expect(ask(services, form.command, { ...filled, ...form.hidden, more: '--colour red' })).rejects.toThrow(
      '--colour',
    );
  });

  test('show tells everything, privately', async () => {
    const [picture] = await drawn(services, { negative: 'dogs', refine: 'auto' });
    const reply = await ask(services, 'show', { target: picture?.id });
    expect(reply).toMatchObject({ kind: 'message', visibility: 'private', title: `Recipe ${picture?.recipeId}` });
    const fields = Object.fromEntries(
      (reply.kind === 'message' ? (reply.fields ?? []) : []).map((f) => [f.name, f.value]),
    );
    expect(fields).toMatchObject({ Prompt: 'a cat', Negative: 'dogs', Seed: '7', Refiner: 'after 80 % of the steps' });
    expect(await ask(services, 'show', { target: picture?.recipeId })).toMatchObject({
      fields: reply.kind === 'message' ? reply.fields : [],
    });
  });

  test('a request without pictures says why it has none', async () => {
    await ask(services, 'imagine', { prompt: 'a cat' });
    const [job] = services.store.jobs.values();
    if (job === undefined) throw new Error('It was not accepted.');
    const refused = (status: Job['status']) => {
      services.store.jobs.set(job.id, { ...job, status });
      return ask(services, 'refine', { target: job.id }).catch((error: Error) => error.message);
    };
    expect(await refused('running')).toContain('no pictures yet');
    expect(await refused('done')).toContain('not here any more');
    expect(await refused('failed')).toContain('came to nothing');
  });

  test('a message stands for its first picture', async () => {
    const [picture] = await drawn(services, { count: 2 });
    services.store.messages.set('discord channel m1', services.jobOf(picture!.id).id);
    await ask(services, 'upscale', {}, { message: 'm1' });
    expect(services.lastWork()).toMatchObject({ source: picture?.id });
    await expect(ask(services, 'upscale', {}, { message: 'm2' })).rejects.toThrow(
      'There is no picture on that message',
    );
    await expect(ask(services, 'upscale')).rejects.toThrow('Which picture?');
  });

  test.each(['x', '019a0000-0000-7000-8000-000000000099', '019a0000-0000-7000-8000-000000000001.7'])(
    'an id that leads nowhere is told: %s',
    async (target) => {
      await drawn(services);
      await expect(ask(services, 'upscale', { target })).rejects.toThrow(UserError);
    },
  );
});

describe('whose picture it is', () => {
  test('in the guild anybody may go on from a public picture; elsewhere and from a private one nobody else', async () => {
    const [open] = await drawn(services);
    const [secret] = await drawn(services, { private: true });
    await ask(services, 'vary', { target: open?.id }, { user: 'bob' });
    const refusal = 'There is nothing here with the id';
    await expect(ask(services, 'vary', { target: open?.id }, { user: 'bob', guild: 'other' })).rejects.toThrow(refusal);
    await expect(ask(services, 'vary', { target: secret?.id }, { user: 'bob' })).rejects.toThrow(refusal);
    await expect(ask(services, 'show', { target: secret?.id }, { user: 'bob' })).rejects.toThrow(refusal);
    await ask(services, 'vary', { target: secret?.id });
    await ask(services, 'vary', { target: open?.id }, { guild: 'other' });
  });

  test('a user of another platform with the same id is another person', async () => {
    const [secret] = await drawn(services, { private: true });
    await expect(ask(services, 'vary', { target: secret?.id }, { platform: 'slack' })).rejects.toThrow(UserError);
  });

  test('only the requester or an admin of the guild deletes', async () => {
    const [picture] = await drawn(services, { count: 2 });
    const refusal = 'Only the person who asked for it, or an admin, may do that.';
    await expect(ask(services, 'delete', { target: picture?.id }, { user: 'bob' })).rejects.toThrow(refusal);
    expect(services.store.pictures.size).toBe(2);
    const reply: Reply = await ask(services, 'delete', { target: picture?.id }, { user: 'bob', admin: true });
    expect(reply).toEqual({ kind: 'deleted', text: '2 pictures deleted.' });
    expect(services.store.pictures.size).toBe(0);
  });

  test('who presses a button of a deleted picture reads no id, who typed one reads it again', async () => {
    const [picture] = await drawn(services);
    await ask(services, 'delete', { target: picture?.id });
    const press = ask(services, 'vary', { target: picture?.id }, { message: 'old' });
    await expect(press).rejects.toThrow('That picture is not here any more; it may have been deleted.');
    await expect(ask(services, 'vary', { target: picture?.id })).rejects.toThrow(`with the id ${picture?.id}`);
  });

  test('deleting what is not finished cancels it', async () => {
    const reply = await ask(services, 'imagine', { prompt: 'a cat' });
    const job = reply.kind === 'accepted' ? reply.job : undefined;
    expect(await ask(services, 'delete', { target: job })).toMatchObject({
      kind: 'message',
      text: 'Cancelled; it costs nothing.',
    });
  });
});
