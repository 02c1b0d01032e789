import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOB } from '../platform-harness.ts';
import { DeliveryScene } from './delivery-scene.ts';

const LONGER_THAN_BETWEEN_EDITS_MS = 2500;

let scene: DeliveryScene;

beforeEach(async () => {
  scene = await DeliveryScene.open();
});
afterEach(() => scene.close());

describe('progress', () => {
  it('shows the newest state, and no more once the picture is there', async () => {
    await scene.drawing();
    const running = { job: JOB, state: 'running', stage: 'drawing', steps: 50, index: 0, count: 1 } as const;
    for (let step = 1; step <= 40; step++) await scene.platform.progress(scene.host.replyTo, { ...running, step });
    await scene.fake.until(() => scene.ann.reads().includes('step 40 of 50'), 'the newest state');
    expect(scene.fake.callsTo('PATCH', /@original$/).length).toBeLessThanOrEqual(3);
    // One state waits for its turn when the picture comes, and one comes after it.
    await scene.platform.progress(scene.host.replyTo, { ...running, step: 41 });
    await scene.deliver();
    await scene.platform.progress(scene.host.replyTo, { ...running, step: 42 });
    const edits = scene.pictures()[0]!.edits;
    await sleep(LONGER_THAN_BETWEEN_EDITS_MS);
    expect(scene.pictures()[0]!.edits).toBe(edits);
    expect(scene.ann.reads()).not.toContain('step 4');
  });

  it('brings a preview that the finished picture replaces', async () => {
    await scene.drawing();
    const preview = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const running = { job: JOB, state: 'running', stage: 'drawing', steps: 50, index: 0, count: 1 } as const;
    await scene.platform.progress(scene.host.replyTo, { ...running, step: 1, preview });
    await scene.fake.until(
      () => scene.ann.reads().includes('[picture preview.jpg "The unfinished picture"]'),
      'a preview',
    );
    await scene.platform.progress(scene.host.replyTo, { ...running, step: 2 });
    await scene.fake.until(() => scene.ann.reads().includes('step 2'), 'the next state');
    expect(scene.ann.reads()).toContain('preview.jpg');
    expect(scene.ann.reads()).toContain('Drawing a cat');
    await scene.deliver();
    expect(scene.pictures()[0]!.attachments.map(({ filename }) => filename)).toEqual(['cat-0.png']);
  });

  it('waits for the placeholder that is being posted', async () => {
    scene.fake.faults.add({ method: 'POST', path: /callback$/ }, { kind: 'slow', milliseconds: 700 });
    const asked = scene.ann.slash('imagine', { prompt: 'a cat' });
    await scene.fake.until(() => scene.host.requests.length === 1, 'the request');
    await scene.deliver();
    await asked;
    expect(scene.ann.seesOfBot()).toHaveLength(1);
    expect(scene.ann.reads()).toContain('Seed 7');
  });
});
