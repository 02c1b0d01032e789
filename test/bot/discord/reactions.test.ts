import { PermissionFlagsBits } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../fakes/discord/person.ts';
import type { Message } from '../../fakes/discord/state.ts';
import { accepted, JOB, plainMessage } from '../platform-harness.ts';
import { DiscordHost } from './discord-host.ts';
import { type DiscordSetup, startDiscord } from './harness.ts';

const NONCE = 'easel-0123456789abcdefghi';

let host: DiscordHost;
let setup: DiscordSetup;
let ann: Person;
let bob: Person;
let picture: Message;

beforeEach(async () => {
  host = new DiscordHost();
  setup = await startDiscord(host);
  ann = setup.fake.person('ann', setup.general);
  bob = setup.fake.person('bob', setup.general);
  host.answer = async () => plainMessage('A picture of a cat');
  await ann.slash('queue');
  picture = ann.seesOfBot()[0]!;
  host.requests.length = 0;
});
afterEach(() => setup.close());

const asked = () => setup.fake.until(() => host.requests.at(-1), 'a request');
/** Long enough for a reaction that stands for something to have arrived. */
const nothingIsAsked = async () => {
  await bob.slash('help');
  expect(host.requests.map(({ command }) => command)).toEqual(['help']);
};

describe('a reaction', () => {
  it.each([
    ['✨', 'refine'],
    ['🔍', 'upscale'],
    ['🔁', 'again'],
    ['❌', 'delete'],
    ['✉️', 'show'],
    ['✉', 'show'],
  ])('%s is the command %s', async (emoji, command) => {
    bob.react(picture, emoji);
    const request = await asked();
    expect(request).toMatchObject({ command, options: {}, message: { channel: setup.general.id, id: picture.id } });
    expect(request.origin).toMatchObject({ guild: setup.guild.id, user: bob.id });
    expect(request.actor).toMatchObject({ name: 'bob', admin: false });
  });

  it('means what the guild’s admin has set, by name or as the emoji', async () => {
    host.reactions = { heart: 'vary', '🥕': 'upscale', sparkles: null };
    bob.react(picture, '✨');
    bob.react(picture, '❤️');
    await setup.fake.until(() => host.requests.length === 1, 'one request');
    bob.react(picture, '🥕');
    await setup.fake.until(() => host.requests.length === 2, 'another request');
    expect(host.requests.map(({ command }) => command)).toEqual(['vary', 'upscale']);
  });

  it('of a bot means nothing', async () => {
    setup.fake.person('another bot', setup.general, { bot: true }).react(picture, '✨');
    await nothingIsAsked();
  });

  it('on a forward is about the picture that was forwarded', async () => {
    ann.react(bob.forward(picture), '✨');
    const { id, channel } = picture;
    expect(await asked()).toMatchObject({ command: 'refine', message: { channel, id, forwarded: true } });
  });

  it('on a forward of somebody else’s message means nothing', async () => {
    ann.react(bob.forward(ann.post('my own picture')), '✨');
    await nothingIsAsked();
  });

  it('on somebody else’s message means nothing', async () => {
    ann.react(bob.post('my own picture'), '✨');
    await nothingIsAsked();
  });

  it('of no meaning means nothing', async () => {
    bob.react(picture, '🐈');
    await nothingIsAsked();
  });

  it('is answered in the person’s language, once that is known, else in the guild’s', async () => {
    const uli = setup.fake.person('uli', setup.general, { locale: 'de' });
    uli.react(picture, '✨');
    expect((await asked()).actor.locale).toBe('en-US');
    await uli.slash('help');
    uli.react(picture, '🔁');
    await setup.fake.until(() => host.requests.length === 3, 'the second reaction');
    expect(host.requests[2]?.actor.locale).toBe('de');
  });

  it('of who manages the server is an admin’s', async () => {
    const eve = setup.fake.person('eve', setup.general, { permissions: PermissionFlagsBits.ManageGuild });
    eve.react(picture, '❌');
    expect((await asked()).actor.admin).toBe(true);
  });

  it('handed over twice is one wish, and again later another', async () => {
    host.answer = async () => accepted('Again', 0);
    bob.react(picture, '🔁');
    bob.repeatLast();
    await setup.fake.until(() => host.requests.length === 2, 'both requests');
    setup.fake.clock.advance(10_000);
    bob.unreact(picture, '🔁');
    bob.react(picture, '🔁');
    await setup.fake.until(() => host.requests.length === 3, 'the later request');
    const events = host.requests.map(({ origin }) => origin.event);
    expect(events[1]).toBe(events[0]);
    expect(events[2]).not.toBe(events[0]);
  });

  it('where the event does not name the author, the message is looked at', async () => {
    const { gateway } = setup.fake;
    const dispatch = gateway.dispatch.bind(gateway);
    gateway.dispatch = (type, data, to) => {
      const { message_author_id: _author, ...rest } = data;
      dispatch(type, rest, to);
    };
    ann.react(bob.post('my own picture'), '✨');
    ann.react(picture, '✨');
    await asked();
    await nothingIsAskedBut('refine');
  });

  const nothingIsAskedBut = async (command: string) => {
    await bob.slash('help');
    expect(host.requests.map((request) => request.command)).toEqual([command, 'help']);
  };
});

describe('the answer to a reaction', () => {
  it('stands beneath the picture, shows progress, and becomes the new picture without a ping', async () => {
    host.answer = async () => accepted('Refining a cat', 1);
    bob.react(picture, '✨');
    const placeholder = await setup.fake.until(() => bob.seesOfBot()[1], 'a placeholder');
    expect(placeholder.reference).toBe(picture.id);
    await setup.fake.until(() => JSON.stringify(host.replyTo).includes(placeholder.id), 'the placeholder on record');

    await setup.platform.progress(host.replyTo, { job: JOB, state: 'queued', place: 7, expectedSeconds: 3 });
    await setup.fake.until(() => bob.reads().includes('7 requests before yours'), 'progress');
    expect(bob.reads()).toContain('(For bob)');
    const pictures = [await host.addPicture(0, 'a refined cat')];
    const delivered = await setup.platform.deliver(host.delivery({ ...plainMessage('Done'), pictures }, NONCE));
    expect(delivered).toEqual({ channel: setup.general.id, message: placeholder.id });
    expect(bob.reads()).toContain('[picture cat-0.png "a refined cat"]');
    expect(bob.reads()).toContain('(For bob)');
    expect(bob.seesOfBot()).toHaveLength(2);
    expect([...placeholder.notified]).toEqual([]);
  });

  it('that is private goes to the person alone', async () => {
    host.answer = async () => ({ ...plainMessage('Seed 7'), visibility: 'private' });
    bob.react(picture, '✉️');
    bob.entersDirectConversation();
    await setup.fake.until(() => bob.reads() === 'Easel: Seed 7', 'a direct message');
    expect(ann.seesOfBot()).toHaveLength(1);
  });

  it('may be that the message is gone', async () => {
    host.answer = async () => ({ kind: 'deleted', text: 'Deleted.' });
    ann.react(picture, '❌');
    await setup.fake.until(() => ann.seesOfBot().length === 0, 'the deletion');
  });

  it('is a button where a form is wanted, which works', async () => {
    const field = { name: 'prompt', label: 'Prompt', value: 'a cat', multiline: true, required: true, maxLength: 400 };
    const form = { kind: 'form', command: 'imagine', title: 'Edit', fields: [field], hidden: { from: 'x' } } as const;
    host.answer = async () => form;
    bob.react(picture, '✏️');
    const offer = await setup.fake.until(() => bob.seesOfBot()[1], 'a button');
    await bob.press(offer, 'Open the form');
    expect(host.lastRequest).toMatchObject({ command: 'edit', options: {}, message: { id: picture.id } });
    expect(bob.form?.title).toBe('Edit');
    host.answer = async () => accepted('Drawing a dog', 0);
    await bob.submit({ prompt: 'a dog' });
    expect(host.lastRequest).toMatchObject({ command: 'imagine', options: { prompt: 'a dog', from: 'x' } });
  });

  it('comes also where the bot may not read the history', async () => {
    setup.general.deniedToBot = PermissionFlagsBits.ReadMessageHistory;
    host.answer = async () => accepted('Refining a cat', 1);
    bob.react(picture, '✨');
    await setup.fake.until(() => bob.reads().includes('Refining a cat'), 'an answer');
  });

  it('in a direct conversation stays there', async () => {
    bob.entersDirectConversation();
    host.answer = async () => plainMessage('A picture');
    await bob.slash('queue');
    host.answer = async () => accepted('Refining', 0);
    bob.react(bob.seesOfBot()[0]!, '✨');
    await setup.fake.until(() => bob.reads().includes('Refining'), 'an answer');
    expect(host.lastRequest.place.direct).toBe(true);
    expect(host.lastRequest.origin.guild).toBe(`@me:${bob.id}`);
  });
});
