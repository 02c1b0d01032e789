import { describe, expect, it, vi } from 'vitest';
import { ChannelPace, ProgressEdits } from '../../../bot/slack/answers/pace.ts';
import { SlackError } from '../../../bot/slack/transport/slack-error.ts';
import { accepted, JOB } from '../platform-harness.ts';
import { startSlack } from './harness.ts';
import { SlackHost } from './slack-host.ts';

describe('the pace', () => {
  it('turns the outbox away from a busy channel, and reserves nothing for it', async () => {
    const pace = new ChannelPace();
    const turns = [1, 2, 3].map(() => pace.turn('C1'));
    await expect(pace.turn('C1', 500)).rejects.toMatchObject({ kind: 'limited', retryAfterSeconds: 2 });
    await expect(pace.turn('C2', 500)).resolves.toBeUndefined();
    await Promise.all(turns);
  });

  it('shows only the newest state of a message, and none after its answer', async () => {
    const edits = new ProgressEdits(50);
    const shown: string[] = [];
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    edits.offer('a', async () => {
      shown.push('a1');
      await held;
    });
    await vi.waitUntil(() => shown.length === 1);
    for (const state of ['a2', 'a3', 'a4']) edits.offer('a', async () => void shown.push(state));
    edits.offer('b', async () => void shown.push('b1'));
    await vi.waitUntil(() => shown.includes('b1'), { timeout: 10_000 });
    expect(shown).toEqual(['a1', 'b1']);
    finish();
    await vi.waitUntil(() => shown.includes('a4'), { timeout: 10_000 });
    edits.offer('a', async () => void shown.push('a5'));
    await edits.close('a');
    edits.offer('a', async () => void shown.push('a6'));
    edits.offer('b', async () => void shown.push('b2'));
    await vi.waitUntil(() => shown.includes('b2'), { timeout: 10_000 });
    expect(shown).toEqual(['a1', 'b1', 'a4', 'b2']);
    edits.stop();
  });

  it('goes on after a failure', async () => {
    const edits = new ProgressEdits(50);
    const shown: string[] = [];
    edits.offer('a', () =>
      Promise.reject(new SlackError('limited', 'chat.update', 'ratelimited', { retryAfterSeconds: 1 })),
    );
    edits.offer('b', async () => void shown.push('b'));
    await vi.waitUntil(() => shown.length === 1, { timeout: 10_000 });
    edits.stop();
  });

  it('keeps a busy channel and queue within Slack’s limits', async () => {
    const host = new SlackHost();
    host.answer = async () => accepted('a cat', 9);
    const { fake, platform, general, close } = await startSlack(host);
    const ann = fake.person('ann');
    const handles: unknown[] = [];
    host.keepReplyTo = async (_job, replyTo) => void handles.push(replyTo);
    await Promise.all(Array.from({ length: 8 }, () => ann.slash(general, '/imagine', 'a cat')));
    await fake.until(() => handles.length === 8, 'eight placeholders', 30);
    for (let place = 50; place > 0; place--) {
      for (const handle of handles)
        await platform.progress(handle, { job: JOB, state: 'queued', place, expectedSeconds: place });
    }
    await fake.until(() => fake.transcript(general, ann).includes('(1 request before yours'), 'the newest state', 30);
    expect(fake.rates.refusals.size).toBe(0);
    expect(fake.callsOf('chat.update').length).toBeLessThan(20);
    await close();
  });

  it('hardly knocks while Slack says no, and posts everything in the end', async () => {
    const host = new SlackHost();
    host.answer = async () => accepted('a cat', 0);
    const { fake, close } = await startSlack(host);
    const ann = fake.person('ann');
    const rooms = Array.from({ length: 40 }, (_, index) => fake.channel(`room-${index}`));
    fake.faults.add('chat.postMessage', { kind: 'rate', seconds: 2 }, 4);
    await Promise.all(rooms.map((room) => ann.slash(room, '/imagine', 'a cat')));
    await fake.until(() => rooms.every((room) => fake.posts(room).length === 1), 'a placeholder in every room', 30);
    expect(fake.callsOf('chat.postMessage').filter(({ result }) => result === '429')).toHaveLength(4);
    await close();
  });

  it('waits where Slack says so, and posts once', async () => {
    const host = new SlackHost();
    host.answer = async () => accepted('a cat', 0);
    const { fake, general, close } = await startSlack(host);
    fake.faults.add('chat.postMessage', { kind: 'rate', seconds: 1 }, 2);
    await fake.person('ann').slash(general, '/imagine', 'a cat');
    await fake.until(() => fake.posts(general).length === 1, 'the placeholder');
    expect(fake.callsOf('chat.postMessage').map(({ result }) => result)).toEqual(['429', '429', 'ok']);
    await close();
  });
});
