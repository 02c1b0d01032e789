import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageLines } from '../../fakes/discord/transcript.ts';
import { accepted, JOB } from '../platform-harness.ts';
import { DeliveryScene, QUARTER_HOUR } from './delivery-scene.ts';

let scene: DeliveryScene;

beforeEach(async () => {
  scene = await DeliveryScene.open();
});
afterEach(() => scene.close());

describe('whose request it is', () => {
  it('is said where a button was pressed, which Discord does not show; a command it shows itself', async () => {
    await scene.drawing();
    await scene.deliver();
    expect(scene.ann.reads()).not.toContain('For ann');
    const eve = scene.fake.person('<@&1> @everyone', scene.general);
    await eve.press(scene.ann.seesOfBot()[0]!, 'Refine');
    const placeholder = await scene.fake.until(() => eve.seesOfBot()[1], 'a placeholder');
    await scene.fake.until(
      () => JSON.stringify(scene.host.replyTo).includes(placeholder.id),
      'the placeholder on record',
    );
    expect(messageLines(placeholder)).toContain('(For <@&1> @everyone)');
    await scene.platform.deliver(scene.host.delivery(scene.finished, 'another-nonce'));
    expect(messageLines(placeholder)).toContain('(For <@&1> @everyone)');
    expect([...placeholder.pings]).toEqual([]);
  });
});

describe('a private picture whose answer was put off for all to see', () => {
  const SLOW_MS = 1200;

  beforeEach(async () => {
    scene.host.answer = async () => {
      await sleep(SLOW_MS);
      return { ...accepted('Drawing a cat', 0), visibility: 'private' };
    };
    await scene.drawing();
  });

  it('comes where its placeholder is, and to nobody else', async () => {
    await scene.deliver(scene.delivery({ visibility: 'private' }));
    expect(scene.ann.reads()).toMatch(/^Easel \(only you can see this\): Seed 7\n +\[picture/);
    expect(scene.bob.seesOfBot()).toEqual([]);
  });

  it('shows its progress there', async () => {
    const progress = { job: JOB, state: 'running', stage: 'drawing', step: 3, steps: 20, index: 0, count: 1 } as const;
    await scene.platform.progress(scene.host.replyTo, progress);
    await scene.fake.until(() => scene.ann.reads().includes('step 3 of 20'), 'the step');
    expect(scene.bob.seesOfBot()).toEqual([]);
  });
});

describe('trouble', () => {
  it('an edit whose answer was lost is repeated without harm', async () => {
    await scene.drawing();
    scene.fake.faults.add({ method: 'PATCH', path: /@original$/ }, { kind: 'lost' });
    expect(await scene.failure()).toMatchObject({ outcome: 'retry' });
    await scene.deliver();
    expect(scene.pictures()).toHaveLength(1);
    expect(scene.pictures()[0]?.attachments).toHaveLength(1);
  });

  it('a placeholder that somebody deleted is replaced by a message', async () => {
    await scene.drawing();
    scene.ann.seesOfBot()[0]!.deleted = true;
    await scene.deliver();
    expect([...scene.pictures()[0]!.notified]).toEqual([scene.ann.id]);
  });

  it('a request whose answer never arrived is delivered all the same', async () => {
    scene.fake.faults.add({ method: 'POST', path: /callback$/ }, { kind: 'status', status: 500 }, 10);
    await expect(scene.ann.slash('imagine', { prompt: 'a cat' })).rejects.toThrow('The application did not respond');
    await scene.deliver();
    expect(scene.pictures()).toHaveLength(1);
  });

  it('a placeholder whose making was cut off is on record all the same', async () => {
    scene.fake.faults.add({ method: 'POST', path: /callback$/ }, { kind: 'lost' });
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    await scene.deliver();
    expect(scene.ann.seesOfBot()).toHaveLength(1);
    expect(scene.pictures()).toHaveLength(1);
  });

  it('a long limit is left to the outbox, with its time', async () => {
    await scene.drawing();
    scene.fake.faults.add({ method: 'PATCH', path: /@original$/ }, { kind: 'rate', seconds: 60 });
    const error = await scene.failure();
    expect(error).toMatchObject({ outcome: 'retry' });
    expect(error?.retryAfterSeconds).toBeGreaterThanOrEqual(60);
  });

  it('a refused token is the operator’s to repair, so it is tried later', async () => {
    await scene.drawing();
    scene.fake.clock.advance(QUARTER_HOUR);
    scene.fake.token = 'revoked';
    const error = await scene.failure();
    expect(error).toMatchObject({ outcome: 'retry', retryAfterSeconds: 300 });
    expect(error?.message).toContain('DISCORD_TOKEN');
  });

  it('a storm of limits and failures: in order, each once, and no hail of invalid requests', async () => {
    const replyTos: unknown[] = [];
    for (let index = 0; index < 4; index++) {
      await scene.ann.slash('imagine', { prompt: `cat ${index}` });
      replyTos.push(
        await scene.fake.until(() => scene.host.replyTo !== replyTos.at(-1) && scene.host.replyTo, 'a handle'),
      );
    }
    scene.fake.clock.advance(QUARTER_HOUR);
    const storm = [
      scene.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'rate', seconds: 1 }, 3),
      scene.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'status', status: 502 }, 3),
      scene.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'lost' }, 2),
      scene.fake.faults.add({ method: 'POST', path: /\/messages$/ }, { kind: 'cut' }, 2),
    ];
    // As the outbox does it: one a channel, the next when the one before is there.
    for (const [index, replyTo] of replyTos.entries()) {
      const target = `0190a7a0-0000-7000-8000-00000000000${index}.0`;
      const refine = { command: 'refine', target, label: 'Refine', style: 'primary' } as const;
      const message = { ...scene.finished, text: `cat ${index}`, buttons: [[refine]] };
      const delivery = scene.host.delivery(message, `easel-${index}`);
      for (let tries = 0; tries < 20; tries++) {
        const error = await scene.failure({ ...delivery, replyTo, partial: delivery.partial });
        if (error === null) break;
        expect(error.outcome).toBe('retry');
        await sleep(error.retryAfterSeconds * 1000);
      }
    }
    for (const end of storm) end();
    expect(scene.pictures().map(({ content }) => content.replace(/^<@\d+> /, ''))).toEqual([
      'cat 0',
      'cat 1',
      'cat 2',
      'cat 3',
    ]);
    expect(scene.fake.rates.invalidRequests).toBeLessThan(100);
  });
});

describe('a picture', () => {
  it('that must be hidden is', async () => {
    await scene.drawing();
    const hidden = scene.finished.pictures!.map((picture) => ({ ...picture, spoiler: true }));
    await scene.deliver(scene.delivery({ pictures: hidden }));
    expect(scene.ann.reads()).toContain('[hidden picture SPOILER_cat-0.png "a cat"]');
  });

  it('that is too large is sent as one that fits, with what it says of itself', async () => {
    await scene.drawing();
    // Noise cannot be compressed, so this PNG has about 12 MB.
    const raw = { width: 2000, height: 2000, channels: 3 } as const;
    const bytes = await sharp(randomBytes(2000 * 2000 * 3), { raw })
      .withExif({ IFD0: { Software: 'Easel' } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    expect(bytes.length).toBeGreaterThan(10 * 1024 * 1024);
    const [picture] = scene.finished.pictures!;
    scene.host.blobs.set(picture!.blob, bytes);
    await scene.deliver();
    const [attachment] = scene.pictures()[0]!.attachments;
    expect(attachment!.filename).toBe('cat-0.jpg');
    expect(attachment!.bytes.length).toBeLessThanOrEqual(10 * 1024 * 1024);
    const { format, width, exif } = await sharp(attachment!.bytes).metadata();
    expect({ format, width }).toEqual({ format: 'jpeg', width: 2000 });
    expect(exif?.toString('latin1')).toContain('Easel');
  }, 60_000);

  it('that Discord finds too large all the same is made smaller', async () => {
    await scene.drawing();
    scene.fake.faults.add({ method: 'PATCH', path: /@original$/ }, { kind: 'status', status: 413 });
    await scene.deliver();
    expect(scene.pictures()).toHaveLength(1);
  });
});
