import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryError } from '../../../bot/platform.ts';
import type { MessageReply } from '../../../commands/reply.ts';
import { watchedLog } from '../../canary.ts';
import type { FakeSlack } from '../../fakes/slack/index.ts';
import type { Person } from '../../fakes/slack/person.ts';
import type { Channel, Message } from '../../fakes/slack/state.ts';
import { accepted, JOB, plainMessage } from '../platform-harness.ts';
import { type SlackSetup, startSlack } from './harness.ts';
import { SlackHost } from './slack-host.ts';

const cancel = { command: 'cancel', target: JOB, label: 'Cancel', style: 'secondary' } as const;
const NONCE = 'easel-0123456789abcdefghi';

describe('delivery in Slack', () => {
  let host: SlackHost;
  let setup: SlackSetup;
  let fake: FakeSlack;
  let general: Channel;
  let ann: Person;

  beforeEach(async () => {
    host = new SlackHost();
    host.answer = async () => accepted('a cat', 2);
    setup = await startSlack(host);
    ({ fake, general } = setup);
    ann = fake.person('ann');
  });

  afterEach(() => setup.close());

  /** A request of ann's that was accepted; returns its placeholder. */
  async function accept(channel = general): Promise<Message> {
    await ann.slash(channel, '/imagine', 'a cat');
    const placeholder = await fake.until(() => fake.posts(channel)[0], 'the placeholder');
    await fake.until(() => JSON.stringify(host.replyTo).includes(placeholder.ts), 'the kept handle');
    return placeholder;
  }

  async function finished(): Promise<MessageReply> {
    const pictures = [await host.addPicture(0, 'a cat'), await host.addPicture(1, 'a cat')];
    return { ...plainMessage('Seed 7'), pictures };
  }

  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => null,
      (error: unknown) => error as DeliveryError,
    );

  it.each(['posting_to_channel_denied', 'edit_window_closed', 'is_archived', 'a_code_that_nobody_knows'])(
    'an edit that Slack refuses with %s: the pictures come in a message of their own, and the placeholder goes',
    async (error) => {
      const placeholder = await accept();
      fake.faults.add('chat.update', { kind: 'error', error });
      const delivered = await setup.platform.deliver(host.delivery(await finished(), NONCE));
      expect(delivered.message).not.toBe(placeholder.ts);
      const reads = fake.transcript(general, ann);
      expect(reads).toContain('[picture cat-1.png "a cat"]');
      expect(reads).not.toContain('Cancel');
    },
  );

  it.each(['storage_limit_reached', 'file_uploads_disabled', 'missing_scope', 'a_code_that_nobody_knows'])(
    'an upload that Slack refuses with %s is refused at once, and words are taken',
    async (error) => {
      const placeholder = await accept();
      fake.faults.add('files.getUploadURLExternal', { kind: 'error', error });
      const delivery = host.delivery(await finished(), NONCE);
      expect(await failure(setup.platform.deliver(delivery))).toMatchObject({ outcome: 'refused' });
      const words = host.delivery(plainMessage('It costs nothing.'), NONCE);
      const delivered = await setup.platform.deliver({ ...words, partial: delivery.partial });
      expect(delivered.message).toBe(placeholder.ts);
      expect(fake.transcript(general, ann)).toContain('It costs nothing.');
    },
  );

  it.each(['rate_limited', 'ratelimited'])('%s without a time is waited for', async (error) => {
    await accept();
    fake.faults.add('chat.update', { kind: 'error', error });
    const refused = await failure(setup.platform.deliver(host.delivery(await finished(), NONCE)));
    expect(refused).toMatchObject({ outcome: 'retry', retryAfterSeconds: 30 });
  });

  it.each(['update_failed', 'file_update_failed', 'fatal_error', 'internal_error'])(
    '%s is for the moment only',
    async (error) => {
      await accept();
      fake.faults.add('chat.update', { kind: 'error', error });
      const delivery = host.delivery(await finished(), NONCE);
      expect(await failure(setup.platform.deliver(delivery))).toMatchObject({ outcome: 'retry' });
      await setup.platform.deliver({ ...delivery, partial: delivery.partial });
      expect(fake.transcript(general, ann)).toContain('[picture cat-1.png "a cat"]');
    },
  );

  it('a completion whose answer was lost, which Slack allows once, is found to have happened', async () => {
    await accept();
    fake.faults.add('files.completeUploadExternal', { kind: 'lost' });
    const delivery = host.delivery(await finished(), NONCE);
    expect(await failure(setup.platform.deliver(delivery))).toMatchObject({ outcome: 'retry' });
    await setup.platform.deliver({ ...delivery, partial: delivery.partial });
    expect(fake.transcript(general, ann)).toContain('[picture cat-1.png "a cat"]');
    expect(fake.callsOf('files.getUploadURLExternal')).toHaveLength(2);
  });

  it('shows place and time, then the pictures in the same message, read like a chat', async () => {
    const placeholder = await accept();
    expect(fake.transcript(general, ann)).toBe(
      ['easel: a cat', '    (2 requests before yours · about 12 s)', '    (For ann)', '    {Cancel}'].join('\n'),
    );
    const delivered = await setup.platform.deliver(host.delivery(await finished(), NONCE));
    expect(delivered).toEqual({ channel: general.id, message: placeholder.ts });
    expect(fake.transcript(general, ann)).toBe(
      [
        'easel: Seed 7',
        '    (For ann)',
        '    1 · cat-0.png',
        '    [picture cat-0.png "a cat"]',
        '    2 · cat-1.png',
        '    [picture cat-1.png "a cat"]',
      ].join('\n'),
    );
    expect(fake.callsOf('files.getUploadURLExternal').map(({ args }) => args.alt_txt)).toEqual(['a cat', 'a cat']);
  });

  it('says whose request it is while it waits, runs and is there, and pings nobody by a name', async () => {
    ann = fake.person('<!channel> <@U1> @here');
    const placeholder = await accept();
    const named = () => expect(fake.text(placeholder)).toContain('(For <!channel> <@U1> @here)');
    named();
    await setup.platform.progress(host.replyTo, { job: JOB, state: 'restarting' });
    await fake.until(() => fake.text(placeholder).includes('Restarting'), 'progress');
    named();
    await setup.platform.deliver(host.delivery(await finished(), NONCE));
    named();
    expect(fake.pings(placeholder)).toEqual([]);
  });

  it('shows what was asked for as it was typed, also while it is drawn', async () => {
    host.answer = async () => accepted('a <cat> & a dog', 2);
    const placeholder = await accept();
    await setup.platform.progress(host.replyTo, { job: JOB, state: 'restarting' });
    await fake.until(() => fake.text(placeholder).includes('Restarting'), 'progress');
    expect(fake.text(placeholder)).toContain('a <cat> & a dog');
  });

  it('names nobody where nobody else reads it', async () => {
    await accept(ann.im);
    await setup.platform.deliver(host.delivery(await finished(), NONCE));
    expect(fake.transcript(ann.im, ann)).not.toContain('For ann');
  });

  it.each([
    ['in a channel', null],
    ['in a thread', 'a question'],
  ])('finds the placeholder whose posting Slack never confirmed, %s', async (_where, question) => {
    host.answer = async () => ({ ...accepted('a cat', 2), buttons: [[cancel]] });
    fake.faults.add('chat.postMessage', { kind: 'lost' });
    if (question === null) await ann.slash(general, '/imagine', 'a cat');
    else
      await ann.say(
        general,
        `<@${fake.workspace.bot.id}> imagine a cat`,
        [],
        fake.workspace.post({ ...{ channel: general.id, user: ann.id, text: question } }),
      );
    const placeholder = await fake.until(() => fake.posts(general)[0], 'the placeholder');
    await fake.until(() => fake.callsOf('chat.postMessage').some(({ result }) => result === 'lost'), 'the loss');
    const delivered = await setup.platform.deliver(host.delivery(await finished(), NONCE));
    expect(delivered.message).toBe(placeholder.ts);
    expect(fake.posts(general)).toHaveLength(1);
  });

  it('finds the placeholder that Slack never confirmed in the direct conversation, for the channel takes nothing', async () => {
    host.answer = async () => ({ ...accepted('a cat', 2), buttons: [[cancel]] });
    general.archived = true;
    fake.faults.add('chat.postMessage', { kind: 'error', error: 'is_archived' });
    fake.faults.add('chat.postMessage', { kind: 'lost' });
    await ann.slash(general, '/imagine', 'a cat');
    const placeholder = await fake.until(() => fake.posts(ann.im)[0], 'the placeholder');
    await fake.until(() => fake.callsOf('chat.postMessage').some(({ result }) => result === 'lost'), 'the loss');
    const delivered = await setup.platform.deliver(host.delivery(await finished(), NONCE));
    expect(delivered.message).toBe(placeholder.ts);
    expect(fake.posts(ann.im)).toHaveLength(1);
  });

  it('keeps to a placeholder that it had to search for, though the answer to the edit was lost, too', async () => {
    host.answer = async () => ({ ...accepted('a cat', 2), buttons: [[cancel]] });
    fake.faults.add('chat.postMessage', { kind: 'lost' });
    await ann.slash(general, '/imagine', 'a cat');
    const placeholder = await fake.until(() => fake.posts(general)[0], 'the placeholder');
    await fake.until(() => fake.callsOf('chat.postMessage').some(({ result }) => result === 'lost'), 'the loss');
    const delivery = host.delivery(await finished(), NONCE);
    fake.faults.add('chat.update', { kind: 'lost' });
    expect(await failure(setup.platform.deliver(delivery))).toMatchObject({ outcome: 'retry' });
    const delivered = await setup.platform.deliver({ ...delivery, partial: delivery.partial });
    expect(delivered.message).toBe(placeholder.ts);
    expect(fake.posts(general)).toHaveLength(1);
  });

  it('does only the completion again where the upload was done', async () => {
    await accept();
    const delivery = host.delivery(await finished(), NONCE);
    fake.faults.add('files.completeUploadExternal', { kind: 'error', error: 'internal_error' });
    expect(await failure(setup.platform.deliver(delivery))).toMatchObject({ outcome: 'retry' });
    await setup.platform.deliver({ ...delivery, partial: delivery.partial });
    expect(fake.callsOf('upload')).toHaveLength(2);
    expect(fake.callsOf('files.completeUploadExternal').map(({ result }) => result)).toEqual(['internal_error', 'ok']);
    expect(fake.posts(general)).toHaveLength(1);
  });

  it('waits for Slack to process a picture, also where Slack does not say that this is what it lacks', async () => {
    await accept();
    fake.faults.add('chat.update', { kind: 'error', error: 'invalid_blocks' });
    await setup.platform.deliver(host.delivery(await finished(), NONCE));
    expect(fake.transcript(general, ann)).toContain('[picture cat-1.png "a cat"]');
  });

  it('goes on after the file that was uploaded when the connection was cut', async () => {
    await accept();
    const delivery = host.delivery(await finished(), NONCE);
    const first = delivery.message.pictures!.slice(0, 1);
    await setup.platform.deliver({ ...delivery, message: { ...delivery.message, pictures: first } });
    fake.faults.add('upload', { kind: 'cut' });
    expect(await failure(setup.platform.deliver({ ...delivery, partial: delivery.partial }))).toMatchObject({
      outcome: 'retry',
    });
    await setup.platform.deliver({ ...delivery, partial: delivery.partial });
    expect(fake.callsOf('upload').map(({ result }) => result)).toEqual(['ok', 'cut', 'ok']);
  });

  it('shows one picture although the answer to the edit was lost', async () => {
    await accept();
    const delivery = host.delivery(await finished(), NONCE);
    fake.faults.add('chat.update', { kind: 'lost' });
    expect(await failure(setup.platform.deliver(delivery))).toMatchObject({ outcome: 'retry' });
    await setup.platform.deliver({ ...delivery, partial: delivery.partial });
    expect(fake.posts(general)).toHaveLength(1);
    expect(fake.callsOf('upload')).toHaveLength(2);
  });

  it('passes Slack’s patience on to the outbox', async () => {
    await accept();
    fake.faults.add('chat.update', { kind: 'rate', seconds: 17 });
    const error = await failure(setup.platform.deliver(host.delivery(await finished(), NONCE)));
    expect(error).toBeInstanceOf(DeliveryError);
    expect(error).toMatchObject({ outcome: 'retry', retryAfterSeconds: 17 });
  });

  it('mentions the requester, once, where the placeholder is gone', async () => {
    const placeholder = await accept();
    placeholder.deleted = true;
    const delivery = host.delivery(await finished(), NONCE);
    fake.faults.add('chat.update', { kind: 'error', error: 'message_not_found' });
    fake.faults.add('chat.update', { kind: 'status', status: 500 });
    expect(await failure(setup.platform.deliver(delivery))).toMatchObject({ outcome: 'retry' });
    const [announced] = fake.posts(general);
    expect(fake.pings(announced!)).toEqual([ann.id]);
    await setup.platform.deliver({ ...delivery, partial: delivery.partial });
    expect(fake.posts(general)).toHaveLength(1);
    expect(fake.text(fake.posts(general)[0]!)).toContain('[picture cat-0.png');
  });

  it('goes to the direct conversation where the channel is closed to us, and says so', async () => {
    const secret = fake.channel('secret', 'private', false);
    await ann.slash(secret, '/imagine', 'a cat');
    const placeholder = await fake.until(() => fake.posts(ann.im)[0], 'the placeholder');
    await fake.until(() => fake.transcript(secret, ann).includes('/invite'), 'the reason');
    await fake.until(() => JSON.stringify(host.replyTo).includes(placeholder.ts), 'the kept handle');
    await setup.platform.deliver(host.delivery(await finished(), NONCE));
    expect(fake.text(fake.posts(ann.im)[0]!)).toContain('[picture cat-0.png');
    expect(fake.transcript(secret, fake.person('bob'))).toBe('');
  });

  it.each([
    ['was archived', () => (general.archived = true)],
    ['was closed to the bot', () => fake.closeToBot(general)],
  ])('delivers to the person where the channel %s meanwhile', async (_what, close) => {
    await accept();
    close();
    const delivered = await setup.platform.deliver(host.delivery(await finished(), NONCE));
    expect(delivered.channel).toBe(ann.im.id);
  });

  it('never shows a private answer over a public placeholder', async () => {
    await accept();
    const delivered = await setup.platform.deliver(
      host.delivery({ ...(await finished()), visibility: 'private' }, NONCE),
    );
    expect(delivered.channel).toBe(ann.im.id);
    expect(fake.transcript(general, ann)).not.toContain('[picture');
  });

  it('finds the placeholder after a restart by the kept handle alone', async () => {
    await accept();
    const delivery = host.delivery(await finished(), NONCE);
    const { createSlackPlatform } = await import('../../../bot/slack/platform.ts');
    const { slackConfig } = await import('./harness.ts');
    const again = createSlackPlatform({ config: slackConfig(fake, 'Socket Mode'), log: watchedLog() });
    await again.deliver(delivery);
    expect(fake.posts(general)).toHaveLength(1);
    expect(fake.text(fake.posts(general)[0]!)).toContain('[picture cat-0.png');
  });

  it('waits for a placeholder that is still being posted', async () => {
    fake.faults.add('chat.postMessage', { kind: 'rate', seconds: 1 });
    await ann.slash(general, '/imagine', 'a cat');
    await fake.until(() => fake.callsOf('chat.postMessage').length === 1, 'the placeholder’s first try');
    await setup.platform.deliver(host.delivery(await finished(), NONCE));
    expect(fake.posts(general)).toHaveLength(1);
    expect(fake.text(fake.posts(general)[0]!)).toContain('[picture cat-0.png');
  });

  it('hands a file over beside the message, once', async () => {
    await accept();
    const file = { name: 'settings.json', contentType: 'application/json', bytes: new Uint8Array([123, 125]) };
    const delivery = host.delivery({ ...plainMessage('Exported'), file }, NONCE);
    await setup.platform.deliver(delivery);
    await setup.platform.deliver({ ...delivery, partial: delivery.partial });
    expect(fake.transcript(general, ann)).toBe(
      ['easel: Exported', '    (For ann)', 'easel: ', '    [file settings.json]'].join('\n'),
    );
  });

  it('shows no state whose preview was still being uploaded when the answer came by another process', async () => {
    const placeholder = await accept();
    const preview = new Uint8Array(Buffer.from('ffd8ffe0', 'hex'));
    const running = { job: JOB, state: 'running', stage: 'drawing', steps: 20, index: 0, count: 1, preview } as const;
    let asked = 0;
    await setup.platform.progress(host.replyTo, { ...running, step: 5 }, async () => ++asked === 1);
    await fake.until(() => asked === 2, 'the second question');
    await setup.platform.stop();
    expect(fake.callsOf('files.completeUploadExternal')).toHaveLength(1);
    expect(fake.callsOf('chat.update')).toEqual([]);
    expect(placeholder.edits).toBe(0);
  });

  it('shows previews, deletes them, and keeps no state over the answer', async () => {
    await accept();
    const preview = new Uint8Array(Buffer.from('ffd8ffe0', 'hex'));
    const running = { job: JOB, state: 'running', stage: 'drawing', steps: 20, index: 0, count: 1, preview } as const;
    await setup.platform.progress(host.replyTo, { ...running, step: 5 });
    await fake.until(() => fake.transcript(general, ann).includes('[picture preview.jpg'), 'the preview');
    await setup.platform.progress(host.replyTo, { ...running, step: 6 });
    await setup.platform.deliver(host.delivery(await finished(), NONCE));
    await setup.platform.progress(host.replyTo, { ...running, step: 7 });
    await setup.platform.stop();
    expect(fake.transcript(general, ann)).toMatch(/^easel: Seed 7\n/);
    const previews = [...fake.workspace.files.values()].filter(({ name }) => name === 'preview.jpg');
    expect(previews.map(({ state }) => state)).toEqual(['deleted']);
  });
});
