import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainMessage } from '../platform-harness.ts';
import { TRANSPORTS } from './harness.ts';
import { SlackScene } from './slack-scene.ts';

describe.each(TRANSPORTS)('what people do in Slack, over %s', (transport) => {
  let slack: SlackScene;

  beforeEach(async () => {
    slack = await SlackScene.open(transport);
  });

  afterEach(() => slack.close());

  it('a press, with the message that was pressed', async () => {
    const shown = await slack.picture();
    await slack.ann.press(shown, 'Refine');
    const request = await slack.asked();
    expect(request).toMatchObject({ command: 'refine', message: { channel: slack.general.id, id: shown.ts } });
    expect(request.options.target).toMatch(/\.0$/);
  });

  it('a reaction, with its message; a skin tone is no other reaction', async () => {
    const shown = await slack.picture();
    await slack.ann.react(shown, 'sparkles::skin-tone-3');
    const request = await slack.asked();
    expect(request).toMatchObject({
      command: 'refine',
      options: {},
      message: { channel: slack.general.id, id: shown.ts },
    });
  });

  it('no reaction of a bot, of ourselves, on others’ messages, or without a meaning', async () => {
    const shown = await slack.picture();
    const robot = slack.fake.person('robot', { bot: true });
    await robot.react(shown, 'sparkles');
    await slack.ann.react(shown, 'tada');
    const chat = slack.fake.workspace.post({ channel: slack.general.id, user: slack.ann.id, text: 'hello' });
    await slack.ann.react(chat, 'sparkles');
    await slack.ann.event({
      type: 'reaction_added',
      user: slack.fake.workspace.bot.id,
      reaction: 'sparkles',
      item: { type: 'message', channel: slack.general.id, ts: shown.ts },
      item_user: slack.fake.workspace.bot.id,
    });
    await slack.stop();
    expect(slack.host.requests).toEqual([]);
  });

  it('stays in the thread, asked by mention, by press and by reaction', async () => {
    const root = slack.fake.workspace.post({ channel: slack.general.id, user: slack.ann.id, text: 'pictures please' });
    const shown = await slack.picture(root);
    expect(shown.threadTs).toBe(root.ts);
    await slack.ann.press(shown, 'Refine');
    await slack.ann.react(shown, 'sparkles');
    await slack.fake.until(() => slack.fake.posts(slack.general).length === 3, 'two answers');
    expect(slack.fake.posts(slack.general).map((post) => post.threadTs)).toEqual([root.ts, root.ts, root.ts]);
  });

  it('a shortcut on a picture that somebody attached reads its recipe', async () => {
    const png = slack.ann.file('old.png', new Uint8Array([9]));
    const message = slack.fake.workspace.post({
      channel: slack.general.id,
      user: slack.ann.id,
      text: '',
      files: [png.id],
    });
    await slack.ann.shortcut(message, 'easel:menu:reproduce');
    const request = await slack.asked();
    expect(request).toMatchObject({ command: 'reproduce', message: { id: message.ts } });
    expect(request.options.picture).toMatchObject({ name: 'old.png' });
  });

  it('a hidden picture is shown to whoever presses, and to nobody else', async () => {
    const shown = await slack.host.addPicture(0, 'a secret cat');
    slack.host.answer = async () => ({ ...plainMessage('Hidden'), pictures: [{ ...shown, spoiler: true }] });
    await slack.ann.slash(slack.general, '/imagine', 'x');
    const message = await slack.fake.until(() => slack.fake.posts(slack.general)[0], 'the message');
    expect(slack.fake.text(message)).not.toContain('[picture');
    slack.host.requests.length = 0;
    await slack.ann.press(message, 'Zeigen');
    const view = await slack.fake.until(() => slack.ann.view, 'the picture');
    expect(JSON.stringify(view.body)).toContain('a secret cat');
    expect(slack.host.requests).toEqual([]);
  });

  it('a hidden picture that Slack would not open is told of, and opens with the next press', async () => {
    const shown = await slack.host.addPicture(0, 'a secret cat');
    slack.host.answer = async () => ({ ...plainMessage('Hidden'), pictures: [{ ...shown, spoiler: true }] });
    await slack.ann.slash(slack.general, '/imagine', 'x');
    const message = await slack.fake.until(() => slack.fake.posts(slack.general)[0], 'the message');
    slack.fake.faults.add('views.open', { kind: 'error', error: 'expired_trigger_id' });
    await slack.ann.press(message, 'Zeigen');
    await slack.fake.until(() => slack.reads().includes('drei Sekunden'), 'words');
    await slack.ann.press(message, 'Zeigen');
    await slack.fake.until(() => slack.ann.view, 'the picture');
  });
});
