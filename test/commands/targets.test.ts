import { beforeEach, describe, expect, test } from 'vitest';
import { suggest } from '../../bot/services/suggest.ts';
import { commands } from '../../commands/index.ts';
import type { Picture } from '../../commands/job.ts';
import { ask, drawn, requestOf } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
});

const takers = commands.filter(({ options }) => {
  const { target } = options;
  return target?.type === 'string' && target.autocomplete === 'recipe';
});

test('whatever can be done with a picture takes ids, and suggests them', () => {
  const offered = commands.filter(({ onPicture }) => onPicture !== undefined).map(({ name }) => name);
  expect(takers.map(({ name }) => name)).toEqual(expect.arrayContaining([...offered, 'reproduce', 'history']));
});

describe.each(takers.map(({ name }) => name))('/%s', (name) => {
  test('takes a recipe, a file’s name, a request, a picture, and which of several', async () => {
    const [picture = expect.fail()] = await drawn(services, { refine: 'off' });
    for (const id of [picture.recipeId, `${picture.recipeId}.PNG`, picture.job, picture.id, `${picture.job}:1`]) {
      const [another = expect.fail()] = await drawn(services, { refine: 'off', seed: 8 });
      const given = id.replace(picture.recipeId, another.recipeId).replace(picture.job, another.job);
      await expect(ask(services, name, { target: given }), given).resolves.toBeDefined();
    }
  });

  test('refuses what is no id', async () => {
    await expect(ask(services, name, { target: 'a cat' })).rejects.toThrow('"a cat" is no id');
    await expect(ask(services, name, { target: 'g865feh2zc:11' })).rejects.toThrow('is no id');
  });
});

describe('which picture an id means', () => {
  const sourceOf = async (target: string, person = {}): Promise<string> => {
    await ask(services, 'upscale', { target }, person);
    const work = services.lastWork();
    return work.kind === 'upscale' ? work.source : expect.fail();
  };

  test('of a request for several has to be said', async () => {
    const pictures = await drawn(services, { count: 3 });
    const [first, second, third] = pictures as [Picture, Picture, Picture];
    await expect(sourceOf(first.job)).rejects.toThrow(
      `That request has 3 pictures. Say which, as in ${first.job}:1 for the first.`,
    );
    expect(await sourceOf(`${first.job}:2`)).toBe(second.id);
    expect(await sourceOf(`${first.id}:3`)).toBe(third.id);
    expect(await sourceOf(`${first.recipeId}:3`)).toBe(third.id);
    expect(await sourceOf(second.recipeId)).toBe(second.id);
    await expect(sourceOf(`${first.job}:4`)).rejects.toThrow('There is nothing here with the id');
    await expect(sourceOf(`${first.recipeId}:4`)).rejects.toThrow('There is nothing here with the id');
    await ask(services, 'again', { target: first.job });
    expect(services.lastWork(), 'of all').toMatchObject({ count: 3 });
  });

  test('of a recipe is one that the person may see', async () => {
    const [own = expect.fail()] = await drawn(services, { private: true });
    const [theirs = expect.fail()] = await drawn(services, {}, { user: 'bob' });
    expect(theirs.recipeId).toBe(own.recipeId);
    expect(await sourceOf(own.recipeId)).toBe(own.id);
    expect(await sourceOf(own.recipeId, { user: 'cyd' })).toBe(theirs.id);
    for (const stranger of [{ guild: 'other' }, { channel: 'other' }, { platform: 'slack' }, { direct: true }]) {
      await expect(sourceOf(own.recipeId, { user: 'cyd', ...stranger }), JSON.stringify(stranger)).rejects.toThrow(
        `${own.recipeId} is a recipe; this needs a picture. Draw it first: /reproduce ${own.recipeId}`,
      );
    }
  });

  test('nobody deletes what is not theirs by its recipe', async () => {
    const [theirs = expect.fail()] = await drawn(services, {}, { user: 'bob' });
    await expect(ask(services, 'delete', { target: theirs.recipeId })).rejects.toThrow('Only the person who asked');
    await ask(services, 'delete', { target: theirs.recipeId }, { user: 'bob' });
    expect(services.store.pictures.size).toBe(0);
  });

  test('tells where the history goes on', async () => {
    const [first = expect.fail()] = await drawn(services);
    const [second = expect.fail()] = await drawn(services, { seed: 8 });
    for (const target of [second.recipeId, second.job, second.id]) {
      const reply = await ask(services, 'history', { target });
      expect(reply).toMatchObject({ pictures: [{ id: first.id }] });
    }
  });
});

describe('a message', () => {
  const messageOf = async (options = {}, person = {}) => {
    const pictures = await drawn(services, options, person);
    const [{ job, origin }] = pictures as [Picture];
    services.store.messages.set(`${origin.platform} ${origin.channel} 77`, job);
    services.store.messages.set('slack C0ART 1700000000.123456', job);
    return pictures;
  };
  const sources = (): string[] =>
    services.accepted.flatMap(({ work }) => (work.kind === 'upscale' ? [work.source] : []));

  test('is named by its link, by who may see it', async () => {
    const [first, second] = (await messageOf({ count: 2 }, { channel: '555' })) as [Picture, Picture];
    const link = 'https://discord.com/channels/123/555/77';
    await ask(services, 'upscale', { target: link });
    await ask(services, 'upscale', { target: `${link}:2` }, { user: 'bob', channel: '555' });
    expect(sources()).toEqual([first.id, second.id]);
    for (const stranger of [{ channel: 'other' }, { guild: 'other', channel: '555' }]) {
      const asked = ask(services, 'upscale', { target: link }, { user: 'bob', ...stranger });
      await expect(asked).rejects.toThrow('There is nothing here');
    }
  });

  test('of Slack is named by its link, which may name a thread', async () => {
    const [picture = expect.fail()] = await messageOf({}, { platform: 'slack', channel: 'C0ART' });
    const link = 'https://easel.slack.com/archives/C0ART/p1700000000123456?thread_ts=1700000000.000100&cid=C0ART';
    await ask(services, 'upscale', { target: link }, { platform: 'slack' });
    expect(sources()).toEqual([picture.id]);
  });

  test('that was forwarded shows its picture to whoever sees the forward, unless it was private', async () => {
    const [open = expect.fail()] = await messageOf({}, { channel: 'gallery' });
    const seen = { user: 'bob', message: '77', forwardedFrom: 'gallery' };
    await ask(services, 'upscale', {}, seen);
    expect(sources()).toEqual([open.id]);
    await expect(ask(services, 'delete', {}, seen)).rejects.toThrow('Only the person who asked');
    await messageOf({ private: true }, { channel: 'gallery' });
    await expect(ask(services, 'upscale', {}, seen)).rejects.toThrow('There is no picture on that message');
  });
});

test('a picture is named by the link to its file', async () => {
  const [picture = expect.fail()] = await drawn(services);
  for (const name of [`${picture.recipeId}.png`, `SPOILER_${picture.recipeId}.jpg`]) {
    const target = `https://cdn.discordapp.com/attachments/1/2/${name}?ex=${'6'.repeat(8)}&hm=${'a'.repeat(64)}&`;
    await expect(ask(services, 'upscale', { target }), target).resolves.toBeDefined();
  }
  const target = 'https://example.com/cat.png';
  await expect(ask(services, 'upscale', { target })).rejects.toThrow('is no id of a picture');
});

test('requests that can be cancelled are suggested: one’s own, and to an admin everybody’s', async () => {
  await ask(services, 'imagine', { prompt: 'a cat' });
  await ask(services, 'imagine', { prompt: 'a dog' }, { user: 'bob' });
  const names = async (command: string, admin: boolean) =>
    (await suggest('request', '', requestOf(command, {}, { admin }), services)).map(({ name }) => name.slice(0, 5));
  expect(await names('cancel', true)).toEqual(['a cat']);
  expect(await names('easel-admin cancel', true)).toEqual(['a cat', 'a dog']);
  expect(await names('easel-admin cancel', false)).toEqual(['a cat']);
  const [{ value = '' } = {}] = await suggest('request', '', requestOf('cancel'), services);
  await ask(services, 'cancel', { target: value });
  expect(services.store.jobs.get(value)?.status).toBe('cancelled');
});
