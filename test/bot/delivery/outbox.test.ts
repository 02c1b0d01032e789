import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Blobs } from '../../../bot/blobs/blobs.ts';
import { folderBlobs } from '../../../bot/blobs/folder.ts';
import { type RunningOutbox, startOutbox } from '../../../bot/delivery/outbox.ts';
import { type DeliveredMessage, DeliveryError, type OutgoingDelivery, type Platform } from '../../../bot/platform.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import type { Store } from '../../../bot/store/store.ts';
import { channelIdSchema, messageIdSchema } from '../../../commands/ids.ts';
import type { Job } from '../../../commands/job.ts';
import { requestIdOf } from '../../../commands/request.ts';
import { watchedLog } from '../../canary.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { chargedTo, drawn, failure, newGuild, request, take, WORKER } from '../store/requests.ts';

const log = watchedLog();

/** A platform whose every delivery the test decides, and which keeps what it was given. */
class ScriptedPlatform implements Platform {
  readonly id = 'discord';
  readonly tries: OutgoingDelivery[] = [];
  readonly posted: string[] = [];
  behave: (delivery: OutgoingDelivery) => Promise<void> = async () => {};

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  async progress(): Promise<void> {}

  async deliver(delivery: OutgoingDelivery): Promise<DeliveredMessage> {
    this.tries.push(delivery);
    await this.behave(delivery);
    this.posted.push(nameOf(delivery));
    return {
      channel: channelIdSchema.parse('channel'),
      message: messageIdSchema.parse(`message-${delivery.nonce}`),
    };
  }
}

function nameOf({ replyTo }: Pick<OutgoingDelivery, 'replyTo'>): string {
  return typeof replyTo === 'object' && replyTo !== null && 'name' in replyTo ? String(replyTo.name) : '';
}

describe('the outbox', () => {
  let folder: string;
  let store: Store;
  let blobs: Blobs;
  let platform: ScriptedPlatform;
  let outbox: RunningOutbox | null = null;
  const owed: Job[] = [];
  const progress = localProgress();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-outbox-'));
    ({ store } = await openMemoryStore());
    blobs = await folderBlobs(folder);
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    platform = new ScriptedPlatform();
  });
  afterEach(async () => {
    platform.behave = async () => {};
    await outbox?.stop();
    outbox = null;
    for (const { id } of owed.splice(0)) await store.deliveries.refused(id, 'left by a test');
  });

  const start = (): void => {
    outbox = startOutbox({ store, blobs, progress, platforms: [platform], process: 'a', log });
  };
  const done = async (name: string, channel: string): Promise<Job> => {
    const job = await drawn(store, request({ channel, replyTo: { name } }));
    owed.push(job);
    return job;
  };
  const posted = (...names: string[]) => expect.poll(() => platform.posted, { timeout: 30_000 }).toEqual(names);

  it('brings what is owed, once, and keeps which message it became', async () => {
    const job = await done('first', 'a');
    start();
    await posted('first');
    await expect.poll(() => store.deliveries.countOwed()).toBe(0);
    const [{ nonce }] = platform.tries as [OutgoingDelivery];
    const found = await store.jobs.ofMessage(
      'discord',
      channelIdSchema.parse('channel'),
      messageIdSchema.parse(`message-${nonce}`),
    );
    expect(found?.id).toBe(job.id);
    expect(platform.tries).toHaveLength(1);
  });

  it('brings what ends while it runs', async () => {
    start();
    const job = await done('later', 'a');
    progress.publish({ job: job.id, state: 'finished', status: 'done' });
    await posted('later');
  });

  it('explains a job that failed', async () => {
    const { job } = await store.jobs.accept(request({ replyTo: { name: 'broken' } }));
    await take(store);
    await store.jobs.fail(job.id, WORKER.worker, 'failed', failure);
    start();
    await posted('broken');
    const message = platform.tries[0]?.message;
    expect(message).toMatchObject({ tone: 'failure', text: expect.stringContaining('Something broke') });
    expect(message?.text).toContain(requestIdOf(job.origin));
  });

  it('keeps the order of a channel through failures, with the same nonce and what was saved', async () => {
    for (const name of ['one', 'two', 'three']) await done(name, 'same');
    platform.behave = async ({ partial, savePartial }) => {
      if (platform.tries.length > 2) return;
      await savePartial({ tries: platform.tries.length, before: partial });
      throw new DeliveryError('retry', 'busy');
    };
    start();
    await posted('one', 'two', 'three');
    const [first, second, third] = platform.tries;
    expect(new Set([first?.nonce, second?.nonce, third?.nonce]).size).toBe(1);
    expect(third?.partial).toEqual({ tries: 2, before: { tries: 1, before: null } });
  });

  it('lets no channel wait for another that hangs', async () => {
    for (const name of ['stuck', 'behind it']) await done(name, 'hanging');
    for (let i = 0; i < 20; i++) await done(`free ${i}`, `channel ${i}`);
    let release = (): void => {};
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    platform.behave = async (delivery) => {
      if (nameOf(delivery) === 'stuck') await hanging;
    };
    start();
    await expect.poll(() => platform.posted.length, { timeout: 30_000 }).toBe(20);
    expect(platform.posted).not.toContain('behind it');
    release();
    await expect.poll(() => platform.posted.slice(20), { timeout: 30_000 }).toEqual(['stuck', 'behind it']);
  });

  it('waits as long as the platform asks', async () => {
    await done('asked to wait', 'a');
    platform.behave = async () => {
      throw new DeliveryError('retry', 'Too many requests.', 3_000);
    };
    start();
    await expect.poll(() => store.deliveries.nextDueInSeconds(), { timeout: 30_000 }).toBeGreaterThan(2_000);
    expect(platform.tries).toHaveLength(1);
  });

  it('gives up what the platform refuses with and without pictures, refunded, and goes on', async () => {
    const guild = newGuild();
    const job = await drawn(store, request({ guild, channel: 'same', replyTo: { name: 'refused' } }));
    await done('welcome', 'same');
    platform.behave = async (delivery) => {
      if (nameOf(delivery) === 'refused') throw new DeliveryError('refused', 'The channel is gone.');
    };
    start();
    await posted('welcome');
    await expect.poll(() => store.deliveries.countOwed()).toBe(0);
    expect(platform.tries.map(({ message }) => message.pictures?.length ?? 0)).toEqual([1, 0, 1]);
    expect(await chargedTo(store, guild)).toEqual({ pictures: 0, seconds: 0 });
    expect(await store.pictures.ofJob(job.id)).toHaveLength(1);
  });

  it('brings words where the pictures are refused: free of charge, the pictures kept, the buttons there', async () => {
    const guild = newGuild();
    const job = await drawn(store, request({ guild, channel: 'a', replyTo: { name: 'filtered' } }));
    platform.behave = async ({ message }) => {
      if (message.pictures !== undefined) throw new DeliveryError('refused', 'Explicit content (400, code 20009).');
    };
    start();
    await posted('filtered');
    expect(platform.tries.at(-1)?.message).toMatchObject({
      tone: 'failure',
      text: expect.stringContaining('Discord does not take it here; it costs nothing'),
      buttons: expect.arrayContaining([expect.arrayContaining([expect.objectContaining({ command: 'upscale' })])]),
    });
    expect(await chargedTo(store, guild)).toEqual({ pictures: 0, seconds: 0 });
    expect(await store.jobs.find(job.id)).toMatchObject({ status: 'done', failure: { code: 'undelivered' } });
    expect(await store.pictures.ofJob(job.id)).toHaveLength(1);
    expect(await store.jobs.withhold(job.id, failure)).toBe(false);
  });

  it('tries a fault of ours again, too', async () => {
    await done('unlucky', 'a');
    platform.behave = async () => {
      if (platform.tries.length === 1) throw new TypeError('a bug');
    };
    start();
    await posted('unlucky');
  });

  it('explains a picture that was lost in storage, free of charge, rather than try for ever', async () => {
    const guild = newGuild();
    const job = await drawn(store, request({ guild, channel: 'a', replyTo: { name: 'lost' } }));
    platform.behave = async ({ message, readBlob }) => {
      for (const { blob } of message.pictures ?? []) await readBlob(blob);
    };
    start();
    await posted('lost');
    expect(platform.tries.map(({ message }) => message.pictures?.length ?? 0)).toEqual([1, 0]);
    expect(platform.tries.at(-1)?.message).toMatchObject({ tone: 'failure', text: expect.stringContaining('damaged') });
    expect(await store.jobs.find(job.id)).toMatchObject({ status: 'failed', failure: { code: 'lost' } });
    expect(await chargedTo(store, guild)).toEqual({ pictures: 0, seconds: 0 });
  });

  it('carries on after a restart, from the table', async () => {
    await done('owed', 'a');
    platform.behave = async () => {
      throw new DeliveryError('retry', 'The network is away.');
    };
    start();
    await expect.poll(() => platform.tries.length, { timeout: 30_000 }).toBeGreaterThan(0);
    await outbox?.stop();
    expect(platform.posted).toEqual([]);
    platform.behave = async () => {};
    start();
    await posted('owed');
  });

  it('ends when what it has in hand has ended', async () => {
    await done('in hand', 'a');
    let release = (): void => {};
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    platform.behave = () => hanging;
    start();
    await expect.poll(() => platform.tries.length, { timeout: 30_000 }).toBe(1);
    const stopped = outbox?.stop();
    release();
    await stopped;
    expect(platform.posted).toEqual(['in hand']);
    expect(await store.deliveries.countOwed()).toBe(0);
  });
});
