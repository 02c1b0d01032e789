import { setTimeout as sleep } from 'node:timers/promises';
import { ChannelType, PermissionFlagsBits } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_ATTACHMENT_BYTES } from '../../../bot/fetch-attachment.ts';
import { blobKeySchema } from '../../../commands/ids.ts';
import { UserError } from '../../../commands/request.ts';
import type { Person } from '../../fakes/discord/person.ts';
import { accepted, plainMessage } from '../platform-harness.ts';
import { DiscordHost } from './discord-host.ts';
import { type DiscordSetup, startDiscord } from './harness.ts';

let host: DiscordHost;
let setup: DiscordSetup;
let ann: Person;

beforeEach(async () => {
  host = new DiscordHost();
  setup = await startDiscord(host);
  ann = setup.fake.person('ann', setup.general, { locale: 'de' });
});
afterEach(() => setup.close());

describe('who and where', () => {
  it('are what Discord says', async () => {
    await ann.slash('imagine', { prompt: 'a cat', steps: 20, private: true });
    const { origin, actor, place, options } = host.lastRequest;
    expect(origin).toMatchObject({ guild: setup.guild.id, channel: setup.general.id, user: ann.id });
    expect(actor).toMatchObject({ name: 'ann', roles: [], admin: false, locale: 'de' });
    expect(place).toEqual({ ageRestricted: false, direct: false, within: [] });
    expect(options).toEqual({ prompt: 'a cat', steps: 20, private: true });
  });

  it('ids are strings beyond 2^53', async () => {
    await ann.slash('queue');
    const { user } = host.lastRequest.origin;
    expect(BigInt(user)).toBeGreaterThan(2n ** 53n);
    expect(user).toBe(ann.id);
  });

  it.each([
    ['who manages the server', PermissionFlagsBits.ManageGuild, true],
    ['an administrator', PermissionFlagsBits.Administrator, true],
    ['a moderator', PermissionFlagsBits.ManageMessages | PermissionFlagsBits.BanMembers, false],
  ])('%s', async (_who, permissions, admin) => {
    const person = setup.fake.person('eve', setup.general, { permissions });
    await person.slash('queue');
    expect(host.lastRequest.actor.admin).toBe(admin);
    expect(host.lastRequest.actor.roles).toEqual([...(setup.guild.members.get(person.id) ?? [])]);
  });

  it('a direct conversation is no server, and makes nobody an admin', async () => {
    ann.entersDirectConversation();
    await ann.slash('queue');
    expect(host.lastRequest.place).toEqual({ ageRestricted: false, direct: true, within: [] });
    expect(host.lastRequest.origin.guild).toBe(`@me:${ann.id}`);
    expect(host.lastRequest.actor.admin).toBe(false);
  });

  it('a server where Easel is only a person’s own app is no server of Easel’s: it is that person’s own place', async () => {
    ann.owners = { '1': ann.id };
    await ann.slash('queue');
    expect(host.lastRequest.origin.guild).toBe(`@me:${ann.id}`);
    expect(host.lastRequest.actor.admin).toBe(false);
    ann.owners = { '0': setup.guild.id, '1': ann.id };
    await ann.slash('queue');
    expect(host.lastRequest.origin.guild).toBe(setup.guild.id);
    ann.owners = {};
  });

  it('is understood where Discord tells no more than it promises', async () => {
    ann.terse = true;
    await ann.slash('queue');
    expect(host.lastRequest.actor.locale).toBe('en-US');
    expect(host.lastRequest.origin.channel).toBe(setup.general.id);
    expect(host.lastRequest.place.direct).toBe(false);
    ann.entersDirectConversation();
    await ann.slash('queue');
    expect(host.lastRequest.place.direct).toBe(true);
  });

  it('a subcommand has its whole name', async () => {
    const owner = setup.fake.person('olga', setup.general, { permissions: PermissionFlagsBits.ManageGuild });
    await owner.slash('easel-admin reaction', { reaction: 'heart', command: 'refine' });
    expect(host.lastRequest.command).toBe('easel-admin reaction');
    expect(host.lastRequest.options).toEqual({ reaction: 'heart', command: 'refine' });
  });
});

it('what a thread, a post and a channel belong to is told', async () => {
  const { fake, guild } = setup;
  const category = fake.channel(guild, 'studios', { type: ChannelType.GuildCategory });
  const forum = fake.channel(guild, 'gallery', { type: ChannelType.GuildForum, parent: category.id });
  const post = fake.channel(guild, 'a post', { type: ChannelType.PublicThread, parent: forum.id });
  const text = fake.channel(guild, 'art', { parent: category.id });
  for (const [place, within] of [
    [post, [forum.id, category.id]],
    [text, [category.id]],
  ] as const) {
    ann.enters(place);
    await ann.slash('queue');
    expect(host.lastRequest.place.within).toEqual(within);
  }
});

it('an age-restricted channel and a thread in it are told', async () => {
  const { fake, guild } = setup;
  const cellar = fake.channel(guild, 'cellar', { nsfw: true });
  for (const place of [cellar, fake.channel(guild, 'nook', { type: ChannelType.PublicThread, parent: cellar.id })]) {
    ann.enters(place);
    await ann.slash('queue');
    expect(host.lastRequest.origin.channel).toBe(place.id);
    expect(host.lastRequest.place.ageRestricted).toBe(true);
  }
});

describe('an answer', () => {
  it('that is private is shown to one person', async () => {
    host.answer = async () => ({ ...plainMessage('Only you.'), visibility: 'private' });
    await ann.slash('queue');
    const bob = setup.fake.person('bob', setup.general);
    expect(ann.reads()).toBe('Easel (only you can see this): Only you.');
    expect(bob.reads()).toBe('');
  });

  it('that is private although it was put off for all to see', async () => {
    host.answer = () =>
      new Promise((resolve) => setTimeout(() => resolve({ ...plainMessage('No.'), visibility: 'private' }), 1200));
    await ann.slash('queue');
    expect(ann.reads()).toBe('Easel: is thinking…');
    await setup.fake.until(() => ann.reads() === 'Easel (only you can see this): No.', 'the private answer');
  });

  it('is put off in private where the person asked for that', async () => {
    host.answer = () => new Promise((resolve) => setTimeout(() => resolve(accepted('Drawing', 0)), 1200));
    await ann.slash('imagine', { prompt: 'a cat', private: true });
    expect(ann.reads()).toBe('Easel (only you can see this): is thinking…');
    await setup.fake.until(() => ann.reads().includes('Drawing'), 'the answer');
  });

  it('survives trouble at Discord, and is shown once', async () => {
    setup.fake.faults.add({ method: 'POST', path: /callback$/ }, { kind: 'status', status: 502 });
    setup.fake.faults.add({ method: 'POST', path: /callback$/ }, { kind: 'lost' });
    host.answer = async () => plainMessage('Here.');
    await ann.slash('queue');
    expect(ann.reads()).toBe('Easel: Here.');
  });

  it('with pictures is acknowledged before they are uploaded', async () => {
    const picture = await host.addPicture(0, 'a cat');
    host.answer = async () => ({ ...plainMessage('Yours:'), visibility: 'private', pictures: [picture] });
    await ann.slash('history');
    await setup.fake.until(() => ann.reads().includes('[picture cat-0.png "a cat"]'), 'the picture');
    expect(ann.reads()).toContain('only you');
  });

  it('that cannot be shown says so', async () => {
    const bad = { command: 'x', target: 'y'.repeat(200), label: 'Bad', style: 'primary' } as const;
    host.answer = async () => ({ ...plainMessage('Bad'), buttons: [[bad]] });
    await ann.slash('queue');
    expect(ann.reads()).toContain('schiefgegangen');
  });
});

describe('the next page', () => {
  const page = (text: string, target: string) => ({
    ...plainMessage(text),
    visibility: 'private' as const,
    buttons: [[{ command: 'history', target, label: 'Older', style: 'secondary' as const }]],
  });

  it('takes the place of the page before, pictures and all', async () => {
    const pictures = [await host.addPicture(0, 'first')];
    host.answer = async () => ({ ...page('Page 1', 'p1'), pictures });
    await ann.slash('history');
    const [first] = await setup.fake.until(() => ann.reads().includes('Page 1') && ann.seesOfBot(), 'page 1');
    const others = [await host.addPicture(1, 'second')];
    host.answer = async () => ({ ...page('Page 2', 'p2'), pictures: others });
    await ann.press(first!, 'Older');
    await setup.fake.until(() => ann.reads().includes('Page 2'), 'page 2');
    expect(ann.seesOfBot()).toHaveLength(1);
    expect(ann.reads()).not.toContain('first');
    expect(ann.reads()).toContain('[picture cat-1.png "second"]');
    expect(host.lastRequest.options).toEqual({ target: 'p1' });
    host.answer = async () => page('That was all.', 'p3');
    await ann.press(ann.seesOfBot()[0]!, 'Older');
    expect(ann.reads()).toBe('Easel (only you can see this): That was all.\n    {Older}');
  });

  it('takes it also where it is slow', async () => {
    host.answer = async () => page('Page 1', 'p1');
    await ann.slash('history');
    host.answer = () => new Promise((resolve) => setTimeout(() => resolve(page('Page 2', 'p2')), 2200));
    await ann.press(ann.seesOfBot()[0]!, 'Older');
    await setup.fake.until(() => ann.reads().includes('Page 2'), 'page 2');
    expect(ann.seesOfBot()).toHaveLength(1);
  });
});

describe('a button', () => {
  it('that deletes slowly still deletes', async () => {
    const remove = { command: 'delete', target: 'x', label: 'Delete', style: 'danger' } as const;
    host.answer = async () => ({ ...plainMessage('A picture'), buttons: [[remove]] });
    await ann.slash('queue');
    host.answer = () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'deleted', text: 'Gone.' }), 2200));
    await ann.press(ann.seesOfBot()[0]!, 'Delete');
    await setup.fake.until(() => ann.reads() === 'Easel (only you can see this): Gone.', 'the deletion');
  });

  it('of a message from before a restart works', async () => {
    const refine = { command: 'refine', target: 'x', label: 'Refine', style: 'primary' } as const;
    host.answer = async () => ({ ...plainMessage('A picture'), buttons: [[refine]] });
    await ann.slash('queue');
    const before = ann.seesOfBot()[0]!;
    setup.fake.gateway.invalidate(false);
    await setup.fake.until(() => setup.fake.gateway.identifies === 2, 'a new session', 20);
    host.answer = async () => accepted('Refining', 0);
    await ann.press(before, 'Refine');
    expect(host.lastRequest).toMatchObject({ command: 'refine', options: { target: 'x' } });
  });

  it('that is none of ours is told apart', async () => {
    const post = ann.post('hello');
    await ann.pressCustomId(post, 'somebody-else');
    expect(ann.reads()).toContain('älteren Easel');
    expect(host.requests).toEqual([]);
  });
});

it('a form may take a mask as a file', async () => {
  const press = { command: 'inpaint', target: 'x', label: 'Inpaint', style: 'secondary' } as const;
  host.answer = async () => ({ ...plainMessage('A picture'), buttons: [[press]] });
  await ann.slash('queue');
  const picture = { blob: blobKeySchema.parse('a'.repeat(64)), width: 256, height: 256 };
  const mask = { name: 'mask', label: 'Which part', hint: 'As a picture', picture };
  host.answer = async () => ({ kind: 'form', command: 'inpaint', title: 'Anew', fields: [], mask, hidden: {} });
  await ann.press(ann.seesOfBot()[0]!, 'Inpaint');
  const bytes = new Uint8Array([1, 2, 3]);
  host.answer = async () => accepted('Drawing', 0);
  await ann.submit({ mask: { name: 'mask.png', contentType: 'image/png', bytes } });
  const { mask: given } = host.lastRequest.options as { mask: { fetch(): Promise<Uint8Array> } };
  expect(new Uint8Array(await given.fetch())).toEqual(bytes);
});

it('in a rush everyone is acknowledged, and a form still opens', async () => {
  const edit = { command: 'edit', target: 'x', label: 'Edit', style: 'secondary' } as const;
  host.answer = async () => ({ ...plainMessage('A picture'), buttons: [[edit]] });
  await ann.slash('queue');
  const field = { name: 'prompt', label: 'Prompt', value: 'a cat', multiline: true, required: true, maxLength: 400 };
  const form = { kind: 'form', command: 'imagine', title: 'Edit', fields: [field], hidden: {} } as const;
  host.answer = async ({ command }) => {
    await sleep(300);
    return command === 'edit' ? form : accepted('Drawing', 0);
  };
  const rush = Array.from({ length: 20 }, (_, index) => setup.fake.person(`p${index}`, setup.general));
  const asked = rush.map((person) => person.slash('imagine', { prompt: 'a cat' }));
  await ann.press(ann.seesOfBot()[0]!, 'Edit');
  await Promise.all(asked);
  expect(ann.form?.title).toBe('Edit');
});

describe('autocomplete', () => {
  it('asks for the option that is being typed', async () => {
    host.suggestions = [{ name: 'ink @everyone', value: 'ink' }];
    const choices = await ann.autocomplete('imagine', 'style', 'in', { prompt: 'a cat' });
    expect(host.asked[0]).toMatchObject({ option: 'style', typed: 'in', request: { options: { prompt: 'a cat' } } });
    expect(choices).toEqual([{ name: 'ink @everyone', value: 'ink' }]);
  });

  it('gives numbers for a number, and at most 25', async () => {
    host.suggestions = Array.from({ length: 40 }, (_, index) => ({ name: `seed ${index}`, value: String(index) }));
    const choices = await ann.autocomplete('imagine', 'seed', '4');
    expect(choices).toHaveLength(25);
    expect(choices[3]?.value).toBe(3);
  });
});

describe('a prompt', () => {
  it('says what its person read: names, emoji, times', async () => {
    const bob = setup.fake.person('bob', setup.general);
    const prompt = `<@${bob.id}> and <@!1> in <#${setup.general.id}>, not <#2> or <@&3>, <a:big_cat:4> <t:1392734382:R>`;
    await ann.slash('imagine', { prompt, style: `<@${bob.id}>` });
    expect(host.lastRequest.options).toEqual({
      prompt: '@bob and @jemand in #general, not #ein Kanal or @eine Rolle, big cat 2014-02-18 14:39',
      style: `<@${bob.id}>`,
    });
  });
});

describe('the menu of a message', () => {
  it('runs the command on the message', async () => {
    host.answer = async () => plainMessage('A picture');
    await ann.slash('queue');
    const message = ann.seesOfBot()[0]!;
    host.answer = async () => accepted('Refining', 0);
    await ann.messageCommand('Refine', message);
    expect(host.lastRequest).toMatchObject({ command: 'refine', options: {}, message: { id: message.id } });
  });

  it('of a forward is about the message that was forwarded', async () => {
    host.answer = async () => plainMessage('A picture');
    await ann.slash('queue');
    const message = ann.seesOfBot()[0]!;
    const bytes = new Uint8Array([1, 2, 3]);
    const forwards = [
      ann.forward(message),
      ann.forward(ann.post('', [{ name: 'cat.png', contentType: 'image/png', bytes }])),
    ];
    await ann.messageCommand('Refine', forwards[0]!);
    const { id, channel } = message;
    expect(host.lastRequest).toMatchObject({
      command: 'refine',
      options: {},
      message: { id, channel, forwarded: true },
    });
    await ann.messageCommand('Reproduce', forwards[1]!);
    const { picture } = host.lastRequest.options as { picture: { fetch(): Promise<Uint8Array> } };
    expect(new Uint8Array(await picture.fetch())).toEqual(bytes);
  });

  it('takes the file of somebody else’s message', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const post = ann.post('made elsewhere', [{ name: 'cat.png', contentType: 'image/png', bytes }]);
    await ann.messageCommand('Reproduce', post);
    const { picture } = host.lastRequest.options as { picture: { fetch(): Promise<Uint8Array> } };
    expect(new Uint8Array(await picture.fetch())).toEqual(bytes);
  });
});

describe('an attached file', () => {
  const file = { name: 'cat.png', contentType: 'image/png', bytes: new Uint8Array([7]) };
  const attached = () => host.lastRequest.options.picture as { fetch(): Promise<Uint8Array>; byteLength: number };

  it('is fetched from Discord', async () => {
    await ann.slash('imagine', { prompt: 'a cat', picture: file });
    expect(attached()).toMatchObject({ name: 'cat.png', contentType: 'image/png', byteLength: 1 });
    expect(new Uint8Array(await attached().fetch())).toEqual(file.bytes);
  });

  it('that has expired is asked for again', async () => {
    await ann.slash('imagine', { prompt: 'a cat', picture: file });
    setup.fake.clock.advance(25 * 60 * 60_000);
    await expect(attached().fetch()).rejects.toThrow(/404.*upload it again/);
  });

  it('that is too large is refused without being fetched', async () => {
    await ann.slash('imagine', {
      prompt: 'a cat',
      picture: { ...file, bytes: new Uint8Array(MAX_ATTACHMENT_BYTES + 1) },
    });
    await expect(attached().fetch()).rejects.toThrow(UserError);
    await expect(attached().fetch()).rejects.toThrow(/20 MiB/);
  });
});
