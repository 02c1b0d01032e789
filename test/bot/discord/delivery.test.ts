import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PermissionFlagsBits } from 'discord.js';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDiscordPlatform } from '../../../bot/discord/platform.ts';
import type { DeliveryError } from '../../../bot/platform.ts';
import type { MessageReply } from '../../../commands/reply.ts';
import type { Person } from '../../fakes/discord/person.ts';
import { messageLines } from '../../fakes/discord/transcript.ts';
import { accepted, JOB, plainMessage } from '../platform-harness.ts';
import { DiscordHost } from './discord-host.ts';
import { type DiscordSetup, silentLog, startDiscord } from './harness.ts';

const cancel = { command: 'cancel', target: JOB, label: 'Cancel', style: 'secondary' } as const;
const NONCE = 'easel-0123456789abcdefghi';
const QUARTER_HOUR = 15 * 60_000;
const LONGER_THAN_BETWEEN_EDITS_MS = 2500;

let host: DiscordHost;
let setup: DiscordSetup;
let ann: Person;
let bob: Person;
let finished: MessageReply;

beforeEach(async () => {
  host = new DiscordHost();
  setup = await startDiscord(host);
  ann = setup.fake.person('ann', setup.general);
  bob = setup.fake.person('bob', setup.general);
  const picture = await host.addPicture(0, 'a cat');
  const refine = { command: 'refine', target: picture.id!, label: 'Refine', style: 'primary' } as const;
  finished = { ...plainMessage('Seed 7'), pictures: [picture], buttons: [[refine]] };
  host.answer = async () => accepted('Drawing a cat', 0);
});
afterEach(() => setup.close());

const deliver = (delivery = host.delivery(finished, NONCE)) => setup.platform.deliver(delivery);
const failure = (delivered: Promise<unknown>) =>
  delivered.then(
    () => null,
    (error: unknown) => error as DeliveryError,
  );
const pictures = (person = ann) => person.seesOfBot().filter(({ attachments }) => attachments.length > 0);

/** Has a request's placeholder shown by a bot that ends before that is on record; the bot that comes after it. */
async function shownWithoutRecord(visibility: 'public' | 'private', ask: () => Promise<unknown>) {
  host.answer = async () => ({ ...accepted('Drawing a cat', 0), buttons: [[cancel]], visibility });
  let isShown = false;
  host.keepReplyTo = async () => {
    isShown = true;
    throw new Error('killed');
  };
  await ask();
  await setup.fake.until(() => isShown, 'the placeholder');
  return createDiscordPlatform({
    config: { token: setup.fake.token, applicationId: setup.fake.applicationId, apiUrl: setup.fake.apiUrl },
    ...{ log: silentLog, now: setup.fake.clock.now },
  });
}

async function drawing(options: Record<string, string | boolean> = {}) {
  await ann.slash('imagine', { prompt: 'a cat', ...options });
  await setup.fake.until(() => JSON.stringify(host.replyTo).includes('"message"'), 'the placeholder on record');
}

describe('whose request it is', () => {
  it('is said where a button was pressed, which Discord does not show; a command it shows itself', async () => {
    await drawing();
    await deliver();
    expect(ann.reads()).not.toContain('For ann');
    bob = setup.fake.person('<@&1> @everyone', setup.general);
    await bob.press(ann.seesOfBot()[0]!, 'Refine');
    const placeholder = await setup.fake.until(() => bob.seesOfBot()[1], 'a placeholder');
    await setup.fake.until(() => JSON.stringify(host.replyTo).includes(placeholder.id), 'the placeholder on record');
    expect(messageLines(placeholder)).toContain('(For <@&1> @everyone)');
    await setup.platform.deliver(host.delivery(finished, 'another-nonce'));
    expect(messageLines(placeholder)).toContain('(For <@&1> @everyone)');
    expect([...placeholder.pings]).toEqual([]);
  });
});

describe('a private picture whose answer was put off for all to see', () => {
  const SLOW_MS = 1200;

  beforeEach(async () => {
    host.answer = async () => {
      await sleep(SLOW_MS);
      return { ...accepted('Drawing a cat', 0), visibility: 'private' };
    };
    await drawing();
  });

  it('comes where its placeholder is, and to nobody else', async () => {
    await deliver(host.delivery({ ...finished, visibility: 'private' }, NONCE));
    expect(ann.reads()).toMatch(/^Easel \(only you can see this\): Seed 7\n +\[picture/);
    expect(bob.seesOfBot()).toEqual([]);
  });

  it('shows its progress there', async () => {
    const progress = { job: JOB, state: 'running', stage: 'drawing', step: 3, steps: 20, index: 0, count: 1 } as const;
    await setup.platform.progress(host.replyTo, progress);
    await setup.fake.until(() => ann.reads().includes('step 3 of 20'), 'the step');
    expect(bob.seesOfBot()).toEqual([]);
  });
});

describe('after the token has expired', () => {
  it('the picture is posted, the requester mentioned, and the placeholder goes', async () => {
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    const { message } = await deliver();
    expect(ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
    expect([...pictures()[0]!.notified]).toEqual([ann.id]);
    expect(ann.reads()).toBe(`Easel: <@${ann.id}> Seed 7\n    [picture cat-0.png "a cat"]\n    {Refine}`);
  });

  it('it is posted once, although nobody recorded the first try', async () => {
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    const forget = { ...host.delivery(finished, NONCE), savePartial: async () => {} };
    const first = await deliver(forget);
    expect(await deliver(forget)).toEqual(first);
    expect(pictures()).toHaveLength(1);
  });

  it('a picture that was delivered in the last second is not delivered again', async () => {
    await drawing();
    const forget = { ...host.delivery(finished, NONCE), savePartial: async () => {} };
    const first = await deliver(forget);
    setup.fake.clock.advance(QUARTER_HOUR);
    expect(await deliver(forget)).toEqual(first);
    expect(pictures()).toHaveLength(1);
  });

  it('a post whose answer was lost is found again, even when its nonce is long forgotten', async () => {
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    const delivery = host.delivery(finished, NONCE);
    setup.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'lost' });
    expect(await failure(deliver(delivery))).toMatchObject({ outcome: 'retry' });
    setup.fake.clock.advance(QUARTER_HOUR);
    await deliver({ ...delivery, partial: delivery.partial });
    expect(pictures()).toHaveLength(1);
  });

  it('that, too, where the history may not be read, as long as the nonce is known', async () => {
    await drawing();
    setup.general.deniedToBot = PermissionFlagsBits.ReadMessageHistory;
    setup.fake.clock.advance(QUARTER_HOUR);
    const delivery = host.delivery(finished, NONCE);
    setup.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'lost' });
    await failure(deliver(delivery));
    await deliver({ ...delivery, partial: delivery.partial });
    expect(pictures()).toHaveLength(1);
  });

  it('the placeholder goes, too, where it was shown but never put on record', async () => {
    const afterRestart = await shownWithoutRecord('public', () => ann.slash('imagine', { prompt: 'a cat' }));
    setup.fake.clock.advance(QUARTER_HOUR);
    const { message } = await afterRestart.deliver(host.delivery(finished, NONCE));
    expect(ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
  });

  it('that, too, where it is the private answer to a reaction', async () => {
    host.answer = async () => plainMessage('A picture of a cat');
    await ann.slash('queue');
    const picture = ann.seesOfBot()[0]!;
    const afterRestart = await shownWithoutRecord('private', async () => ann.react(picture, '✨'));
    const { message } = await afterRestart.deliver(host.delivery({ ...finished, visibility: 'private' }, NONCE));
    ann.entersDirectConversation();
    expect(ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
  });

  it('the placeholder goes in the end, though it could not go at first', async () => {
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    const delivery = host.delivery(finished, NONCE);
    setup.fake.faults.add({ method: 'DELETE', path: /./ }, { kind: 'status', status: 503 });
    expect(await failure(deliver(delivery))).toMatchObject({ outcome: 'retry' });
    const { message } = await deliver({ ...delivery, partial: delivery.partial });
    expect(ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
  });

  it('in a direct conversation nobody needs to be mentioned', async () => {
    ann.entersDirectConversation();
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    await deliver();
    expect(ann.reads()).toMatch(/^Easel: Seed 7/);
  });

  it('what is private goes to the person alone', async () => {
    host.answer = async () => ({ ...accepted('Drawing', 0), visibility: 'private' });
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    await deliver(host.delivery({ ...finished, visibility: 'private' }, NONCE));
    expect(pictures(bob)).toEqual([]);
    ann.entersDirectConversation();
    expect(pictures()).toHaveLength(1);
  });
});

describe('where the channel takes nothing', () => {
  it.each([
    ['the bot may not write', () => (setup.general.deniedToBot = PermissionFlagsBits.SendMessages)],
    ['the bot may not see it', () => (setup.general.deniedToBot = PermissionFlagsBits.ViewChannel)],
    ['the channel is deleted', () => setup.fake.deleteChannel(setup.general)],
  ])('because %s, the picture goes to the direct conversation', async (_why, close) => {
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    close();
    await deliver();
    ann.entersDirectConversation();
    expect(pictures()).toHaveLength(1);
  });

  it('and the person takes no direct messages, it is refused for good', async () => {
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    setup.general.deniedToBot = PermissionFlagsBits.SendMessages;
    ann.user.dmsOpen = false;
    expect(await failure(deliver())).toMatchObject({ outcome: 'refused' });
  });

  it('the interaction’s token still reaches it', async () => {
    await drawing();
    setup.general.deniedToBot = PermissionFlagsBits.SendMessages;
    await deliver();
    expect(pictures()).toHaveLength(1);
  });
});

describe('trouble', () => {
  it('an edit whose answer was lost is repeated without harm', async () => {
    await drawing();
    setup.fake.faults.add({ method: 'PATCH', path: /@original$/ }, { kind: 'lost' });
    expect(await failure(deliver())).toMatchObject({ outcome: 'retry' });
    await deliver();
    expect(pictures()).toHaveLength(1);
    expect(pictures()[0]?.attachments).toHaveLength(1);
  });

  it('a placeholder that somebody deleted is replaced by a message', async () => {
    await drawing();
    ann.seesOfBot()[0]!.deleted = true;
    await deliver();
    expect([...pictures()[0]!.notified]).toEqual([ann.id]);
  });

  it('a request whose answer never arrived is delivered all the same', async () => {
    setup.fake.faults.add({ method: 'POST', path: /callback$/ }, { kind: 'status', status: 500 }, 10);
    await expect(ann.slash('imagine', { prompt: 'a cat' })).rejects.toThrow('The application did not respond');
    await deliver();
    expect(pictures()).toHaveLength(1);
  });

  it('a placeholder whose making was cut off is on record all the same', async () => {
    setup.fake.faults.add({ method: 'POST', path: /callback$/ }, { kind: 'lost' });
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    await deliver();
    expect(ann.seesOfBot()).toHaveLength(1);
    expect(pictures()).toHaveLength(1);
  });

  it('a long limit is left to the outbox, with its time', async () => {
    await drawing();
    setup.fake.faults.add({ method: 'PATCH', path: /@original$/ }, { kind: 'rate', seconds: 60 });
    const error = await failure(deliver());
    expect(error).toMatchObject({ outcome: 'retry' });
    expect(error?.retryAfterSeconds).toBeGreaterThanOrEqual(60);
  });

  it('a refused token is the operator’s to repair, so it is tried later', async () => {
    await drawing();
    setup.fake.clock.advance(QUARTER_HOUR);
    setup.fake.token = 'revoked';
    const error = await failure(deliver());
    expect(error).toMatchObject({ outcome: 'retry', retryAfterSeconds: 300 });
    expect(error?.message).toContain('DISCORD_TOKEN');
  });

  it('a storm of limits and failures: in order, each once, and no hail of invalid requests', async () => {
    const replyTos: unknown[] = [];
    for (let index = 0; index < 4; index++) {
      await ann.slash('imagine', { prompt: `cat ${index}` });
      replyTos.push(await setup.fake.until(() => host.replyTo !== replyTos.at(-1) && host.replyTo, 'a handle'));
    }
    setup.fake.clock.advance(QUARTER_HOUR);
    const storm = [
      setup.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'rate', seconds: 1 }, 3),
      setup.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'status', status: 502 }, 3),
      setup.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'lost' }, 2),
      setup.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'cut' }, 2),
    ];
    // As the outbox does it: one a channel, the next when the one before is there.
    for (const [index, replyTo] of replyTos.entries()) {
      const target = `0190a7a0-0000-7000-8000-00000000000${index}.0`;
      const refine = { command: 'refine', target, label: 'Refine', style: 'primary' } as const;
      const message = { ...finished, text: `cat ${index}`, buttons: [[refine]] };
      const delivery = host.delivery(message, `easel-${index}`);
      for (let tries = 0; tries < 20; tries++) {
        const error = await failure(deliver({ ...delivery, replyTo, partial: delivery.partial }));
        if (error === null) break;
        expect(error.outcome).toBe('retry');
        await sleep(error.retryAfterSeconds * 1000);
      }
    }
    for (const end of storm) end();
    expect(pictures().map(({ content }) => content.replace(/^<@\d+> /, ''))).toEqual([
      'cat 0',
      'cat 1',
      'cat 2',
      'cat 3',
    ]);
    expect(setup.fake.rates.invalidRequests).toBeLessThan(100);
  });
});

describe('a picture', () => {
  it('that must be hidden is', async () => {
    await drawing();
    const hidden = finished.pictures!.map((picture) => ({ ...picture, spoiler: true }));
    await deliver(host.delivery({ ...finished, pictures: hidden }, NONCE));
    expect(ann.reads()).toContain('[hidden picture SPOILER_cat-0.png "a cat"]');
  });

  it('that is too large is sent as one that fits, with what it says of itself', async () => {
    await drawing();
    // Noise cannot be compressed, so this PNG has about 12 MB.
    const raw = { width: 2000, height: 2000, channels: 3 } as const;
    const bytes = await sharp(randomBytes(2000 * 2000 * 3), { raw })
      .withExif({ IFD0: { Software: 'Easel' } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    expect(bytes.length).toBeGreaterThan(10 * 1024 * 1024);
    const [picture] = finished.pictures!;
    host.blobs.set(picture!.blob, bytes);
    await deliver();
    const [attachment] = pictures()[0]!.attachments;
    expect(attachment!.filename).toBe('cat-0.jpg');
    expect(attachment!.bytes.length).toBeLessThanOrEqual(10 * 1024 * 1024);
    const { format, width, exif } = await sharp(attachment!.bytes).metadata();
    expect({ format, width }).toEqual({ format: 'jpeg', width: 2000 });
    expect(exif?.toString('latin1')).toContain('Easel');
  }, 60_000);

  it('that Discord finds too large all the same is made smaller', async () => {
    await drawing();
    setup.fake.faults.add({ method: 'PATCH', path: /@original$/ }, { kind: 'status', status: 413 });
    await deliver();
    expect(pictures()).toHaveLength(1);
  });
});

describe('progress', () => {
  it('shows the newest state, and no more once the picture is there', async () => {
    await drawing();
    const running = { job: JOB, state: 'running', stage: 'drawing', steps: 50, index: 0, count: 1 } as const;
    for (let step = 1; step <= 40; step++) await setup.platform.progress(host.replyTo, { ...running, step });
    await setup.fake.until(() => ann.reads().includes('step 40 of 50'), 'the newest state');
    expect(setup.fake.callsTo('PATCH', /@original$/).length).toBeLessThanOrEqual(3);
    // One state waits for its turn when the picture comes, and one comes after it.
    await setup.platform.progress(host.replyTo, { ...running, step: 41 });
    await deliver();
    await setup.platform.progress(host.replyTo, { ...running, step: 42 });
    const edits = pictures()[0]!.edits;
    await sleep(LONGER_THAN_BETWEEN_EDITS_MS);
    expect(pictures()[0]!.edits).toBe(edits);
    expect(ann.reads()).not.toContain('step 4');
  });

  it('brings a preview that the finished picture replaces', async () => {
    await drawing();
    const preview = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const running = { job: JOB, state: 'running', stage: 'drawing', steps: 50, index: 0, count: 1 } as const;
    await setup.platform.progress(host.replyTo, { ...running, step: 1, preview });
    await setup.fake.until(() => ann.reads().includes('[picture preview.jpg "The unfinished picture"]'), 'a preview');
    await setup.platform.progress(host.replyTo, { ...running, step: 2 });
    await setup.fake.until(() => ann.reads().includes('step 2'), 'the next state');
    expect(ann.reads()).toContain('preview.jpg');
    expect(ann.reads()).toContain('Drawing a cat');
    await deliver();
    expect(pictures()[0]!.attachments.map(({ filename }) => filename)).toEqual(['cat-0.png']);
  });

  it('waits for the placeholder that is being posted', async () => {
    setup.fake.faults.add({ method: 'POST', path: /callback$/ }, { kind: 'slow', milliseconds: 700 });
    const asked = ann.slash('imagine', { prompt: 'a cat' });
    await setup.fake.until(() => host.requests.length === 1, 'the request');
    await deliver();
    await asked;
    expect(ann.seesOfBot()).toHaveLength(1);
    expect(ann.reads()).toContain('Seed 7');
  });
});
