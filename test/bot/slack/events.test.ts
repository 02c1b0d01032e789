import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { userIdSchema } from '../../../commands/ids.ts';
import { accepted, plainMessage } from '../platform-harness.ts';
import { TRANSPORTS } from './harness.ts';
import { SlackScene } from './slack-scene.ts';

describe.each(TRANSPORTS)('what people do in Slack, over %s', (transport) => {
  let slack: SlackScene;

  beforeEach(async () => {
    slack = await SlackScene.open(transport);
  });

  afterEach(() => slack.close());

  it('a slash command, by its own name and beneath /easel', async () => {
    await slack.ann.slash(slack.general, '/imagine', 'a cat --seed 9007199254740991 --private');
    expect(await slack.asked(1)).toMatchObject({
      command: 'imagine',
      options: { prompt: 'a cat', seed: '9007199254740991', private: true },
      origin: { platform: 'slack', guild: slack.fake.workspace.team.id, channel: slack.general.id, user: slack.ann.id },
      actor: { name: 'ann', admin: false, locale: 'de-DE', roles: [] },
      place: { direct: false },
    });
    await slack.ann.slash(slack.general, '/easel', 'imagine a dog & a <cat>');
    expect(await slack.asked(2)).toMatchObject({ command: 'imagine', options: { prompt: 'a dog & a <cat>' } });
    await slack.ann.slash(slack.general, '/easel');
    expect(await slack.asked(3)).toMatchObject({ command: 'help' });
  });

  it('a subcommand with a mention, and who is an admin by Slack’s own word', async () => {
    const boss = slack.fake.person('boss', { admin: true });
    await boss.slashEscaped(
      slack.general,
      '/easel-admin',
      `ban <@${slack.ann.id}|ann> --reason "asked &lt;@${boss.id}&gt; &amp;amp; <@${boss.id}|boss>"`,
    );
    const request = await slack.asked();
    expect(request).toMatchObject({ command: 'easel-admin ban', actor: { admin: true } });
    expect(request.options).toEqual({ user: `<@${slack.ann.id}|ann>`, reason: `asked <@${boss.id}> &amp; @boss` });
  });

  it('a prompt says what the person read: names, signs, emoji', async () => {
    const bob = slack.fake.person('bob');
    const secret = slack.fake.channel('secret', 'private', false);
    await slack.ann.say(
      slack.ann.im,
      `<@${bob.id}> in <#${slack.general.id}> or <#${secret.id}>, not <@U0NOBODY> :smile_cat: “so” &amp; <tel:+491|1>`,
    );
    expect((await slack.asked()).options).toEqual({
      prompt: '@bob in #general or #ein Kanal, not @jemand smile cat "so" & 1',
    });
  });

  it('a member of user groups has them as roles', async () => {
    slack.fake.workspace.userGroups.set('S0CREW', new Set([slack.ann.id])).set('S0OTHER', new Set(['U1']));
    await slack.ann.slash(slack.general, '/imagine', 'a cat');
    expect((await slack.asked()).actor.roles).toEqual(['S0CREW']);
  });

  it('an unknown command or option is one private line with the nearest', async () => {
    await slack.ann.slash(slack.general, '/easel', 'imagin a cat');
    await slack.fake.until(() => slack.reads().includes('/imagine'), 'the hint');
    await slack.ann.slash(slack.general, '/imagine', 'a cat --sede 7');
    await slack.fake.until(() => slack.reads().includes('--sede'), 'the complaint');
    const bob = slack.fake.person('bob');
    expect(slack.reads(bob)).toBe('');
    expect(slack.host.requests).toEqual([]);
  });

  it('a direct message draws, with an attached picture as the start', async () => {
    const start = slack.ann.file('start.png', new Uint8Array([1, 2, 3]));
    await slack.ann.say(slack.ann.im, 'a castle by the sea', [start]);
    const request = await slack.asked();
    expect(request).toMatchObject({
      command: 'imagine',
      options: { prompt: 'a castle by the sea' },
      place: { direct: true },
    });
    expect(request.options.init).toMatchObject({ name: 'start.png', contentType: 'image/png', byteLength: 3 });
    await slack.fake.until(() => slack.fake.posts(slack.ann.im).length === 1, 'the answer');
    expect(slack.host.requests).toHaveLength(1);
  });

  it('the Home tab, with quota and recent pictures', async () => {
    const shown = await slack.host.addPicture(0, 'a cat');
    slack.host.answer = async (request) =>
      request.command === 'quota'
        ? { ...plainMessage('12 of 50 used'), title: 'Your quota' }
        : {
            ...plainMessage(''),
            title: 'Your pictures',
            pictures: [shown],
            buttons: [[{ command: 'history', target: 'x', label: 'Older', style: 'secondary' }]],
          };
    await slack.ann.openHome();
    const home = await slack.fake.until(() => slack.fake.workspace.homes.get(slack.ann.id), 'the Home tab');
    expect(JSON.stringify(home)).toContain('12 of 50 used');
    expect(JSON.stringify(home)).toContain('"alt_text":"a cat"');
    await slack.ann.pressHome('Older');
    expect(await slack.asked(3)).toMatchObject({
      command: 'history',
      options: { target: 'x' },
      origin: { channel: slack.ann.im.id },
    });
  });

  it('a name that is no mention is nobody', async () => {
    await slack.ann.slash(slack.general, '/easel-admin', 'ban somebody');
    await slack.fake.until(() => slack.reads().includes('user: "somebody" geht nicht'), 'the refusal');
    expect(slack.host.requests).toEqual([]);
  });

  it('whom an answer is about is named, and notified of nothing', async () => {
    const bob = slack.fake.person('bob <!here>');
    slack.host.answer = async () => ({
      ...{ ...plainMessage(`Member ${bob.id} is banned.`), visibility: 'private' },
      mentions: [{ kind: 'user', id: userIdSchema.parse(bob.id) }],
    });
    await slack.ann.slashEscaped(slack.general, '/easel-admin', `ban <@${bob.id}|bob>`);
    const answer = await slack.fake.until(() => slack.fake.posts(slack.general)[0], 'the answer');
    expect(slack.fake.text(answer)).toBe('Member @bob <!here> is banned.');
    expect(slack.fake.pings(answer)).toEqual([]);
  });

  it('delivered three times, each is one request', async () => {
    const shown = await slack.picture();
    slack.fake.delivery.copies = 3;
    await slack.ann.slash(slack.general, '/imagine', 'a cat');
    await slack.ann.press(shown, 'Refine');
    await slack.ann.react(shown, 'sparkles');
    await slack.ann.shortcut(shown, 'easel:menu:refine');
    await slack.asked(4);
    await slack.stop();
    expect(slack.host.requests.map(({ command }) => command).sort()).toEqual(['imagine', 'refine', 'refine', 'refine']);
  });

  it('an event that comes again a minute and five minutes later is the same request', async () => {
    const shown = await slack.picture();
    await slack.ann.react(shown, 'sparkles');
    const { origin } = await slack.asked();
    for (const wait of [60_000, 300_000]) {
      slack.fake.clock.advance(wait);
      await slack.fake.delivery.again();
    }
    await slack.stop();
    expect(slack.host.requests.map((request) => request.origin.event)).toEqual([origin.event]);
  });

  it('is acknowledged in time, all of it', async () => {
    slack.host.answer = async () => accepted('a cat', 0);
    const channels = Array.from({ length: 20 }, (_, index) => slack.fake.channel(`room-${index}`));
    await Promise.all(channels.map((channel) => slack.ann.slash(channel, '/imagine', 'a cat')));
    expect(slack.fake.delivery.acknowledgements.filter(({ acknowledged }) => !acknowledged)).toEqual([]);
    await slack.asked(20);
  });
});
