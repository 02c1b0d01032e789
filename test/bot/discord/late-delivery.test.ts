import { PermissionFlagsBits } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accepted, JOB, plainMessage } from '../platform-harness.ts';
import { DeliveryScene, QUARTER_HOUR } from './delivery-scene.ts';

let scene: DeliveryScene;

beforeEach(async () => {
  scene = await DeliveryScene.open();
});
afterEach(() => scene.close());

describe('an edit that Discord refuses, whatever the code', () => {
  it.each([
    ['403', 403, 50013],
    ['the filter', 400, 20009],
    ['AutoMod', 400, 200000],
    ['an archived thread', 400, 50083],
    ['a code that nobody knows', 400, 999999],
  ])('%s: the picture comes in a message of its own', async (_what, status, code) => {
    await scene.drawing();
    scene.fake.faults.add({ method: 'PATCH', path: /\/messages\// }, { kind: 'refused', status, code });
    const { message } = await scene.deliver();
    expect(scene.pictures().map(({ id }) => id)).toEqual([message]);
    expect(scene.ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
  });

  it('is refused only where no way is left, and then words come', async () => {
    await scene.drawing();
    scene.fake.faults.add({ method: 'PATCH', path: /\/messages\// }, { kind: 'refused', status: 400, code: 20009 }, 2);
    scene.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'refused', status: 400, code: 20009 }, 2);
    const delivery = scene.delivery();
    expect(await scene.failure(delivery)).toMatchObject({ outcome: 'refused' });
    const words = { ...plainMessage('It costs nothing.') };
    await scene.deliver({ ...scene.host.delivery(words, delivery.nonce), partial: delivery.partial });
    expect(scene.ann.reads()).toContain('It costs nothing.');
    expect(scene.ann.seesOfBot()).toHaveLength(1);
  });
});

describe('a token that Discord calls invalid', () => {
  it('is not tried again and again', async () => {
    await scene.drawing();
    const token = { kind: 'refused', status: 401, code: 50027 } as const;
    scene.fake.faults.add({ method: 'PATCH', path: /^\/webhooks\// }, token, Number.POSITIVE_INFINITY);
    scene.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'status', status: 503 }, 3);
    const delivery = scene.delivery();
    for (let tries = 0; tries < 3; tries++) {
      expect(await scene.failure({ ...delivery, partial: delivery.partial })).toMatchObject({ outcome: 'retry' });
    }
    await scene.deliver({ ...delivery, partial: delivery.partial });
    expect(scene.pictures()).toHaveLength(1);
    expect(scene.fake.calls.filter(({ status }) => status === 401)).toHaveLength(1);
  });
});

describe('a token near its end', () => {
  const running = { job: JOB, state: 'running', stage: 'drawing', step: 3, steps: 60, index: 0, count: 1 } as const;

  it('says in words, before it dies, where the picture will be, and no progress covers that', async () => {
    await scene.drawing();
    await scene.platform.progress(scene.host.replyTo, running);
    await scene.fake.until(() => scene.ann.reads().includes('step 3 of 60'), 'progress');
    scene.fake.clock.advance(QUARTER_HOUR - 34_000);
    await scene.fake.until(() => scene.ann.reads().includes('/history'), 'the last words');
    await scene.platform.progress(scene.host.replyTo, { ...running, step: 4 });
    await scene.platform.progress(scene.host.replyTo, { job: JOB, state: 'finished', status: 'done' });
    expect(scene.ann.reads()).toContain('/history');
    scene.fake.clock.advance(QUARTER_HOUR);
    await scene.deliver();
    expect(scene.pictures()).toHaveLength(1);
  });
});

describe('after the token has expired', () => {
  it('the picture is posted, the requester mentioned, and the placeholder goes', async () => {
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    const { message } = await scene.deliver();
    expect(scene.ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
    expect([...scene.pictures()[0]!.notified]).toEqual([scene.ann.id]);
    expect(scene.ann.reads()).toBe(`Easel: <@${scene.ann.id}> Seed 7\n    [picture cat-0.png "a cat"]\n    {Refine}`);
  });

  it('it is posted once, although nobody recorded the first try', async () => {
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    const forget = { ...scene.delivery(), savePartial: async () => {} };
    const first = await scene.deliver(forget);
    expect(await scene.deliver(forget)).toEqual(first);
    expect(scene.pictures()).toHaveLength(1);
  });

  it('a picture that was delivered in the last second is not delivered again', async () => {
    await scene.drawing();
    const forget = { ...scene.delivery(), savePartial: async () => {} };
    const first = await scene.deliver(forget);
    scene.fake.clock.advance(QUARTER_HOUR);
    expect(await scene.deliver(forget)).toEqual(first);
    expect(scene.pictures()).toHaveLength(1);
  });

  it('a post whose answer was lost is found again, even when its nonce is long forgotten', async () => {
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    const delivery = scene.delivery();
    scene.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'lost' });
    expect(await scene.failure(delivery)).toMatchObject({ outcome: 'retry' });
    scene.fake.clock.advance(QUARTER_HOUR);
    await scene.deliver({ ...delivery, partial: delivery.partial });
    expect(scene.pictures()).toHaveLength(1);
  });

  it('that, too, where the history may not be read, as long as the nonce is known', async () => {
    await scene.drawing();
    scene.general.deniedToBot = PermissionFlagsBits.ReadMessageHistory;
    scene.fake.clock.advance(QUARTER_HOUR);
    const delivery = scene.delivery();
    scene.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'lost' });
    await scene.failure(delivery);
    await scene.deliver({ ...delivery, partial: delivery.partial });
    expect(scene.pictures()).toHaveLength(1);
  });

  it('the placeholder goes, too, where it was shown but never put on record', async () => {
    const afterRestart = await scene.shownWithoutRecord('public', () =>
      scene.ann.slash('imagine', { prompt: 'a cat' }),
    );
    scene.fake.clock.advance(QUARTER_HOUR);
    const { message } = await afterRestart.deliver(scene.delivery());
    expect(scene.ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
  });

  it('that, too, where it is the private answer to a reaction', async () => {
    scene.host.answer = async () => plainMessage('A picture of a cat');
    await scene.ann.slash('queue');
    const picture = scene.ann.seesOfBot()[0]!;
    const afterRestart = await scene.shownWithoutRecord('private', async () => scene.ann.react(picture, '✨'));
    const { message } = await afterRestart.deliver(scene.delivery({ visibility: 'private' }));
    scene.ann.entersDirectConversation();
    expect(scene.ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
  });

  it('the placeholder goes in the end, though it could not go at first', async () => {
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    const delivery = scene.delivery();
    scene.fake.faults.add({ method: 'DELETE', path: /./ }, { kind: 'status', status: 503 });
    expect(await scene.failure(delivery)).toMatchObject({ outcome: 'retry' });
    const { message } = await scene.deliver({ ...delivery, partial: delivery.partial });
    expect(scene.ann.seesOfBot().map(({ id }) => id)).toEqual([message]);
  });

  it('in a direct conversation nobody needs to be mentioned', async () => {
    scene.ann.entersDirectConversation();
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    await scene.deliver();
    expect(scene.ann.reads()).toMatch(/^Easel: Seed 7/);
  });

  it('what is private goes to the person alone', async () => {
    scene.host.answer = async () => ({ ...accepted('Drawing', 0), visibility: 'private' });
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    await scene.deliver(scene.delivery({ visibility: 'private' }));
    expect(scene.pictures(scene.bob)).toEqual([]);
    scene.ann.entersDirectConversation();
    expect(scene.pictures()).toHaveLength(1);
  });
});

describe('where the channel takes nothing', () => {
  it.each([
    ['the bot may not write', () => (scene.general.deniedToBot = PermissionFlagsBits.SendMessages)],
    ['the bot may not see it', () => (scene.general.deniedToBot = PermissionFlagsBits.ViewChannel)],
    ['the channel is deleted', () => scene.fake.deleteChannel(scene.general)],
  ])('because %s, the picture goes to the direct conversation', async (_why, close) => {
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    close();
    await scene.deliver();
    scene.ann.entersDirectConversation();
    expect(scene.pictures()).toHaveLength(1);
  });

  it('and the person takes no direct messages, the picture comes over the placeholder', async () => {
    await scene.drawing();
    const [placeholder] = scene.ann.seesOfBot();
    scene.fake.clock.advance(QUARTER_HOUR);
    scene.general.deniedToBot = PermissionFlagsBits.SendMessages;
    scene.ann.user.dmsOpen = false;
    expect((await scene.deliver()).message).toBe(placeholder?.id);
    expect(scene.pictures()).toHaveLength(1);
  });

  it('and neither placeholder nor person can be reached, it is refused for good', async () => {
    await scene.drawing();
    scene.ann.seesOfBot()[0]!.deleted = true;
    scene.fake.clock.advance(QUARTER_HOUR);
    scene.general.deniedToBot = PermissionFlagsBits.SendMessages;
    scene.ann.user.dmsOpen = false;
    expect(await scene.failure()).toMatchObject({ outcome: 'refused' });
  });

  it('the interaction’s token still reaches it', async () => {
    await scene.drawing();
    scene.general.deniedToBot = PermissionFlagsBits.SendMessages;
    await scene.deliver();
    expect(scene.pictures()).toHaveLength(1);
  });
});
