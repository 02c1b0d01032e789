import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EngineProgress, EngineTask } from '../../../commands/engine.ts';
import { BUNDLED_UPSCALER } from '../../../commands/upscale-methods.ts';
import { EngineServer } from '../../../inference/engine/server.ts';
import { maskAround } from '../../../inference/image/place.ts';
import { miniature, receiver } from '../engine/receiver.ts';
import { smallRecipe } from '../small-recipe.ts';

const KEY = '0'.repeat(64);
const engine = receiver();
const server = new EngineServer(
  { provider: 'cpu', threads: 1, maxBatch: 8, memoryLimit: 0, cacheFolder: '', previews: true },
  engine.send,
);

const drawTask = (changes: object, files: object = {}, handoffAt: number | null = null) =>
  ({ kind: 'draw', model: miniature, recipe: smallRecipe(changes), handoffAt, ...files }) satisfies EngineTask;

/** Interleaved RGB of a part of a picture. */
const part = (bytes: Uint8Array, left: number, top: number, width: number, height: number): Promise<Buffer> =>
  sharp(bytes).removeAlpha().extract({ left, top, width, height }).raw().toBuffer();

const difference = (a: Buffer, b: Buffer): number =>
  a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 999)), 0) / a.length;

let original: Uint8Array;
beforeAll(async () => {
  original = (await engine.run(server, drawTask({}))).picture;
});

describe('a picture that is extended', () => {
  const place = { x: 64, y: 0, width: 128, height: 128 };
  const changes = { width: 192, seed: 9, init: { picture: KEY, strength: 1, place }, feather: 16 };

  it('keeps its own pixels, fades into what is new, and is the same again', async () => {
    const { picture, width } = await engine.run(server, drawTask(changes, { init: original }));
    expect(width).toBe(192);
    // What is farther from the border than it fades over is not touched at all.
    expect(await part(picture, 96, 0, 96, 128)).toEqual(await part(original, 32, 0, 96, 128));
    const atBorder = difference(await part(picture, 63, 0, 1, 128), await part(picture, 64, 0, 1, 128));
    const across = difference(await part(picture, 16, 0, 1, 128), await part(picture, 64, 0, 1, 128));
    expect(atBorder).toBeLessThan(across);
    const again = await engine.run(server, drawTask(changes, { init: original }));
    expect(Buffer.from(again.picture).equals(Buffer.from(picture))).toBe(true);
  });

  it('is refined later as it would have been at once', async () => {
    const files = { init: original };
    const whole = await engine.run(server, drawTask({ ...changes, refine: 0.8, steps: 10 }, files));
    const { handoff } = await engine.run(server, drawTask({ ...changes, steps: 10 }, files, 0.8));
    if (handoff === null) throw new Error('No hand-off latent was kept.');
    const refined = smallRecipe({ ...changes, refine: 0.8, steps: 10 });
    const later = await engine.run(server, {
      kind: 'refine',
      model: miniature,
      recipe: refined,
      from: { handoff },
      ...files,
    });
    expect(Buffer.from(later.picture).equals(Buffer.from(whole.picture))).toBe(true);
  });

  it('may be far larger than the model draws at once: only windows with something new are drawn', async () => {
    const seen: EngineProgress[] = [];
    const wide = { x: 0, y: 0, width: 640, height: 128 };
    const init = await sharp(original).resize(640, 128, { fit: 'fill' }).png().toBuffer();
    const task = drawTask({ ...changes, width: 704, init: { ...changes.init, place: wide } }, { init });
    const { picture } = await engine.run(server, task, { onProgress: (progress) => seen.push(progress) });
    expect((await sharp(picture).metadata()).width).toBe(704);
    expect(seen.at(-1)).toMatchObject({ step: 4, steps: 4 });
    expect(seen.some(({ preview }) => preview !== undefined)).toBe(true);
  });

  it('must lie within it', async () => {
    const outside = { ...changes.init, place: { ...place, x: 100 } };
    await expect(engine.run(server, drawTask({ ...changes, init: outside }, { init: original }))).rejects.toThrow(
      'lies outside',
    );
  });
});

it('a masked picture with a feather keeps its own pixels', async () => {
  const mask = await sharp({ create: { width: 128, height: 128, channels: 3, background: 'black' } })
    .composite([{ input: { create: { width: 48, height: 128, channels: 3, background: 'white' } }, left: 80, top: 0 }])
    .png()
    .toBuffer();
  const changes = { prompt: 'a red rocket', init: { picture: KEY, strength: 1 }, mask: KEY, feather: 8 };
  const { picture } = await engine.run(server, drawTask(changes, { init: original, mask }));
  expect(await part(picture, 0, 0, 64, 128)).toEqual(await part(original, 0, 0, 64, 128));
  expect(difference(await part(picture, 96, 0, 32, 128), await part(original, 96, 0, 32, 128))).toBeGreaterThan(4);
});

it('detail is drawn into an enlarged picture through windows, with progress and previews', async () => {
  const seen: EngineProgress[] = [];
  const upscale = { factor: 3, method: BUNDLED_UPSCALER };
  const plain = await engine.run(server, { kind: 'upscale', recipe: smallRecipe({ upscale }), picture: original });
  const task: EngineTask = {
    kind: 'upscale',
    model: miniature,
    recipe: smallRecipe({ upscale: { ...upscale, detail: 0.5 } }),
    picture: original,
  };
  const detailed = await engine.run(server, task, { onProgress: (progress) => seen.push(progress) });
  expect([detailed.width, detailed.height]).toEqual([384, 384]);
  const [before, after] = await Promise.all([plain, detailed].map(({ picture }) => part(picture, 0, 0, 384, 384)));
  expect(difference(before!, after!)).toBeGreaterThan(0.5);
  expect(difference(before!, after!)).toBeLessThan(30);
  // Two steps, each through four windows.
  expect(seen.at(-1)).toMatchObject({ step: 8, steps: 8 });
  expect(seen.some(({ preview }) => preview !== undefined)).toBe(true);
  await expect(engine.run(server, { kind: 'upscale', recipe: task.recipe, picture: original })).rejects.toThrow(
    'Drawing detail needs a model',
  );
});

it('a mask around a place falls from its sides inwards, but not from the canvas’s own', () => {
  const { data } = maskAround({ x: 8, y: 0, width: 8, height: 8 }, 4, { width: 16, height: 8 });
  expect([...data.slice(0, 16)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0.875, 0.625, 0.375, 0.125, 0, 0, 0, 0]);
  expect(data.slice(48, 64)).toEqual(data.slice(0, 16));
});
