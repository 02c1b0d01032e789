import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { userIdSchema } from '../../../commands/ids.ts';
import type { CommandRequest } from '../../../commands/request.ts';
import type { FakeSlack } from '../../fakes/slack/index.ts';
import type { Person } from '../../fakes/slack/person.ts';
import type { Channel, Message } from '../../fakes/slack/state.ts';
import { accepted, plainMessage } from '../platform-harness.ts';
import { type SlackSetup, startSlack, type Transport } from './harness.ts';
import { SlackHost } from './slack-host.ts';

describe.each(['Socket Mode', 'signed HTTP'] satisfies Transport[])('what people do in Slack, over %s', (transport) => {
  let host: SlackHost;
  let setup: SlackSetup;
  let fake: FakeSlack;
  let general: Channel;
  let ann: Person;

  beforeEach(async () => {
    host = new SlackHost();
    setup = await startSlack(host, transport);
    ({ fake, general } = setup);
    ann = fake.person('ann', { locale: 'de-DE' });
  });

  afterEach(() => setup.close());

  async function asked(count = 1): Promise<CommandRequest> {
    await fake.until(() => host.requests.length >= count, `${count} requests`);
    return host.requests[count - 1]!;
  }

  /** A finished picture of ours, in the channel or in a thread. */
  async function picture(thread?: Message): Promise<Message> {
    const shown = await host.addPicture(0, 'a cat');
    host.answer = async () => ({
      ...plainMessage('Seed 7'),
      pictures: [shown],
      buttons: [[{ command: 'refine', target: shown.id!, label: 'Refine', style: 'primary' }]],
    });
    if (thread) ann.say(general, `<@${fake.workspace.bot.id}> imagine a cat`, [], thread);
    else await ann.slash(general, '/imagine', 'a cat');
    const message = await fake.until(
      () => fake.posts(general).find((post) => fake.text(post).includes('Seed 7')),
      'the picture',
    );
    host.requests.length = 0;
    host.answer = async () => ({ ...plainMessage('Refining'), visibility: 'public' });
    return message;
  }

  it('a slash command, by its own name and beneath /easel', async () => {
    await ann.slash(general, '/imagine', 'a cat --seed 9007199254740991 --private');
    expect(await asked(1)).toMatchObject({
      command: 'imagine',
      options: { prompt: 'a cat', seed: '9007199254740991', private: true },
      origin: { platform: 'slack', guild: fake.workspace.team.id, channel: general.id, user: ann.id },
      actor: { name: 'ann', admin: false, locale: 'de-DE', roles: [] },
      place: { direct: false },
    });
    await ann.slash(general, '/easel', 'imagine a dog & a <cat>');
    expect(await asked(2)).toMatchObject({ command: 'imagine', options: { prompt: 'a dog & a <cat>' } });
    await ann.slash(general, '/easel');
    expect(await asked(3)).toMatchObject({ command: 'help' });
  });

  it('a subcommand with a mention, and who is an admin by Slack’s own word', async () => {
    const boss = fake.person('boss', { admin: true });
    await boss.slashEscaped(
      general,
      '/easel-admin',
      `ban <@${ann.id}|ann> --reason "asked &lt;@${boss.id}&gt; &amp;amp; <@${boss.id}|boss>"`,
    );
    const request = await asked();
    expect(request).toMatchObject({ command: 'easel-admin ban', actor: { admin: true } });
    expect(request.options).toEqual({ user: `<@${ann.id}|ann>`, reason: `asked <@${boss.id}> &amp; @boss` });
  });

  it('a member of user groups has them as roles', async () => {
    fake.workspace.userGroups.set('S0CREW', new Set([ann.id])).set('S0OTHER', new Set(['U1']));
    await ann.slash(general, '/imagine', 'a cat');
    expect((await asked()).actor.roles).toEqual(['S0CREW']);
  });

  it('an unknown command or option is one private line with the nearest', async () => {
    await ann.slash(general, '/easel', 'imagin a cat');
    await fake.until(() => fake.transcript(general, ann).includes('/imagine'), 'the hint');
    await ann.slash(general, '/imagine', 'a cat --sede 7');
    await fake.until(() => fake.transcript(general, ann).includes('--sede'), 'the complaint');
    const bob = fake.person('bob');
    expect(fake.transcript(general, bob)).toBe('');
    expect(host.requests).toEqual([]);
  });

  it('delivered three times, each is one request', async () => {
    const shown = await picture();
    fake.delivery.copies = 3;
    await ann.slash(general, '/imagine', 'a cat');
    await ann.press(shown, 'Refine');
    await ann.react(shown, 'sparkles');
    await ann.shortcut(shown, 'easel:menu:refine');
    await asked(4);
    await setup.platform.stop();
    expect(host.requests.map(({ command }) => command).sort()).toEqual(['imagine', 'refine', 'refine', 'refine']);
  });

  it('an event that comes again a minute and five minutes later is the same request', async () => {
    const shown = await picture();
    await ann.react(shown, 'sparkles');
    const { origin } = await asked();
    for (const wait of [60_000, 300_000]) {
      fake.clock.advance(wait);
      await fake.delivery.again();
    }
    await setup.platform.stop();
    expect(host.requests.map((request) => request.origin.event)).toEqual([origin.event]);
  });

  it('a press, with the message that was pressed', async () => {
    const shown = await picture();
    await ann.press(shown, 'Refine');
    const request = await asked();
    expect(request).toMatchObject({ command: 'refine', message: { channel: general.id, id: shown.ts } });
    expect(request.options.target).toMatch(/\.0$/);
  });

  it('a reaction, with its message; a skin tone is no other reaction', async () => {
    const shown = await picture();
    await ann.react(shown, 'sparkles::skin-tone-3');
    const request = await asked();
    expect(request).toMatchObject({ command: 'refine', options: {}, message: { channel: general.id, id: shown.ts } });
  });

  it('no reaction of a bot, of ourselves, on others’ messages, or without a meaning', async () => {
    const shown = await picture();
    const robot = fake.person('robot', { bot: true });
    await robot.react(shown, 'sparkles');
    await ann.react(shown, 'tada');
    const chat = fake.workspace.post({ channel: general.id, user: ann.id, text: 'hello' });
    await ann.react(chat, 'sparkles');
    await ann.event({
      type: 'reaction_added',
      user: fake.workspace.bot.id,
      reaction: 'sparkles',
      item: { type: 'message', channel: general.id, ts: shown.ts },
      item_user: fake.workspace.bot.id,
    });
    await setup.platform.stop();
    expect(host.requests).toEqual([]);
  });

  it('stays in the thread, asked by mention, by press and by reaction', async () => {
    const root = fake.workspace.post({ channel: general.id, user: ann.id, text: 'pictures please' });
    const shown = await picture(root);
    expect(shown.threadTs).toBe(root.ts);
    await ann.press(shown, 'Refine');
    await ann.react(shown, 'sparkles');
    await fake.until(() => fake.posts(general).length === 3, 'two answers');
    expect(fake.posts(general).map((post) => post.threadTs)).toEqual([root.ts, root.ts, root.ts]);
  });

  it('a direct message draws, with an attached picture as the start', async () => {
    const start = ann.file('start.png', new Uint8Array([1, 2, 3]));
    await ann.say(ann.im, 'a castle by the sea', [start]);
    const request = await asked();
    expect(request).toMatchObject({
      command: 'imagine',
      options: { prompt: 'a castle by the sea' },
      place: { direct: true },
    });
    expect(request.options.init).toMatchObject({ name: 'start.png', contentType: 'image/png', byteLength: 3 });
    await fake.until(() => fake.posts(ann.im).length === 1, 'the answer');
    expect(host.requests).toHaveLength(1);
  });

  it('a shortcut on a picture that somebody attached reads its recipe', async () => {
    const png = ann.file('old.png', new Uint8Array([9]));
    const message = fake.workspace.post({ channel: general.id, user: ann.id, text: '', files: [png.id] });
    await ann.shortcut(message, 'easel:menu:reproduce');
    const request = await asked();
    expect(request).toMatchObject({ command: 'reproduce', message: { id: message.ts } });
    expect(request.options.picture).toMatchObject({ name: 'old.png' });
  });

  it('the Home tab, with quota and recent pictures', async () => {
    const shown = await host.addPicture(0, 'a cat');
    host.answer = async (request) =>
      request.command === 'quota'
        ? { ...plainMessage('12 of 50 used'), title: 'Your quota' }
        : {
            ...plainMessage(''),
            title: 'Your pictures',
            pictures: [shown],
            buttons: [[{ command: 'history', target: 'x', label: 'Older', style: 'secondary' }]],
          };
    await ann.openHome();
    const home = await fake.until(() => fake.workspace.homes.get(ann.id), 'the Home tab');
    expect(JSON.stringify(home)).toContain('12 of 50 used');
    expect(JSON.stringify(home)).toContain('"alt_text":"a cat"');
    await ann.pressHome('Older');
    expect(await asked(3)).toMatchObject({
      command: 'history',
      options: { target: 'x' },
      origin: { channel: ann.im.id },
    });
  });

  it('an admin’s command opens its form for admins only; others are refused by the host at once', async () => {
    await ann.slash(general, '/easel-admin', 'ban');
    expect(await asked()).toMatchObject({ command: 'easel-admin ban', options: {} });
    expect(ann.view).toBeUndefined();
    const boss = fake.person('boss', { admin: true });
    await boss.slash(general, '/easel-admin', 'ban');
    await fake.until(() => boss.view, 'the form');
    expect(host.requests).toHaveLength(1);
  });

  it('a name that is no mention is nobody', async () => {
    await ann.slash(general, '/easel-admin', 'ban somebody');
    await fake.until(() => fake.transcript(general, ann).includes('user: "somebody" geht nicht'), 'the refusal');
    expect(host.requests).toEqual([]);
  });

  it('whom an answer is about is named, and notified of nothing', async () => {
    const bob = fake.person('bob <!here>');
    host.answer = async () => ({
      ...{ ...plainMessage(`Member ${bob.id} is banned.`), visibility: 'private' },
      mentions: [{ kind: 'user', id: userIdSchema.parse(bob.id) }],
    });
    await ann.slashEscaped(general, '/easel-admin', `ban <@${bob.id}|bob>`);
    const answer = await fake.until(() => fake.posts(general)[0], 'the answer');
    expect(fake.text(answer)).toBe('Member @bob <!here> is banned.');
    expect(fake.pings(answer)).toEqual([]);
  });

  it('a command without its text opens a form made of its options', async () => {
    await ann.slash(general, '/imagine');
    await fake.until(() => ann.view, 'the form');
    const picked = ann.file('start.jpg', new Uint8Array([4, 5]));
    expect(await ann.suggestions('model', 'min')).toEqual(['model min & co']);
    expect(await ann.suggestions('lora', 'in')).toEqual(['lora in & co']);
    await ann.submit({
      prompt: 'a fox',
      seed: '7',
      guidance: '4.5',
      model: 'mini',
      refine: 'on',
      private: 'on',
      lora: ['ink', 'grain:0.5'],
      init: [picked.id],
    });
    const request = await asked();
    expect(request).toMatchObject({
      command: 'imagine',
      options: {
        prompt: 'a fox',
        seed: '7',
        guidance: '4.5',
        model: 'mini',
        refine: 'on',
        private: 'on',
        lora: 'ink, grain:0.5',
      },
      origin: { channel: general.id },
    });
    const start = request.options.init;
    expect(start).toMatchObject({ name: 'start.jpg' });
    await expect((start as { fetch(): Promise<Uint8Array> }).fetch()).resolves.toEqual(Buffer.from([4, 5]));
    expect(ann.view).toBeUndefined();
  });

  it('a form that was reached by a reaction is offered as a button', async () => {
    const shown = await picture();
    host.answer = async () => ({
      kind: 'form',
      command: 'imagine',
      title: 'Edit',
      hidden: { parent: 'x' },
      fields: [
        { name: 'prompt', label: 'Prompt', value: 'p'.repeat(3500), multiline: true, required: true, maxLength: 4000 },
      ],
    });
    await ann.react(shown, 'pencil2');
    const offer = await fake.until(() => fake.posts(general).find((post) => post.ephemeralTo === ann.id), 'the offer');
    await ann.press(offer, 'Formular öffnen');
    await fake.until(() => ann.view, 'the form');
    expect((await asked(2)).message).toEqual({ channel: general.id, id: shown.ts });
    await ann.submit({});
    expect((await asked(3)).options).toEqual({ parent: 'x', prompt: 'p'.repeat(3500) });
  });

  it('a form may take a mask as a file', async () => {
    const shown = await picture();
    const mask = {
      name: 'init',
      label: 'Which part',
      hint: 'As a picture',
      picture: await host.addPicture(0, 'a cat'),
    };
    host.answer = async () => ({ kind: 'form', command: 'imagine', title: 'Anew', hidden: {}, fields: [], mask });
    await ann.press(shown, 'Refine');
    await fake.until(() => ann.view, 'the form');
    const painted = ann.file('mask.png', Uint8Array.of(7, 8));
    host.answer = async () => accepted('Drawing', 0);
    await ann.submit({ 'Which part': [painted.id] });
    const { init: given } = (await asked(2)).options as { init: { fetch(): Promise<Uint8Array> } };
    expect(await given.fetch()).toEqual(Buffer.from([7, 8]));
  });

  it('says so when a form comes too late for Slack', async () => {
    const shown = await picture();
    host.answer = async () => {
      fake.clock.advance(4000);
      return { kind: 'form', command: 'imagine', title: 'Edit', hidden: {}, fields: [] };
    };
    await ann.press(shown, 'Refine');
    await fake.until(() => fake.transcript(general, ann).includes('drei Sekunden'), 'the explanation');
  });

  it('a hidden picture is shown to whoever presses, and to nobody else', async () => {
    const shown = await host.addPicture(0, 'a secret cat');
    host.answer = async () => ({ ...plainMessage('Hidden'), pictures: [{ ...shown, spoiler: true }] });
    await ann.slash(general, '/imagine', 'x');
    const message = await fake.until(() => fake.posts(general)[0], 'the message');
    expect(fake.text(message)).not.toContain('[picture');
    host.requests.length = 0;
    await ann.press(message, 'Zeigen');
    const view = await fake.until(() => ann.view, 'the picture');
    expect(JSON.stringify(view.body)).toContain('a secret cat');
    expect(host.requests).toEqual([]);
  });

  it('is acknowledged in time, all of it', async () => {
    host.answer = async () => accepted('a cat', 0);
    const channels = Array.from({ length: 20 }, (_, index) => fake.channel(`room-${index}`));
    await Promise.all(channels.map((channel) => ann.slash(channel, '/imagine', 'a cat')));
    expect(fake.delivery.acknowledgements.filter(({ acknowledged }) => !acknowledged)).toEqual([]);
    await asked(20);
  });
});
