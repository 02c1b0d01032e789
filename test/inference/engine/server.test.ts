import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { EngineProgress, EngineTask } from '../../../commands/engine.ts';
import type { Recipe } from '../../../commands/recipe.ts';
import { EngineServer } from '../../../inference/engine/server.ts';
import { smallRecipe } from '../small-recipe.ts';
import { miniature, receiver } from './receiver.ts';

type DrawTask = Extract<EngineTask, { kind: 'draw' }>;

const recipe = (changes: Partial<Recipe> = {}): Recipe => smallRecipe({ steps: 10, ...changes });
const drawTask = (changes: Partial<Recipe> = {}, handoffAt: number | null = null): DrawTask => ({
  kind: 'draw',
  model: miniature,
  recipe: recipe(changes),
  handoffAt,
});

const SMALLEST_PNG = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'grey' } })
  .png()
  .toBuffer();

describe('EngineServer', () => {
  const engine = receiver();
  const settings = { provider: 'cpu', threads: 1, maxBatch: 8, cacheFolder: '', previews: true } as const;
  const server = new EngineServer(settings, engine.send);
  afterAll(() => engine.expectNothingWaiting());

  for (const sampler of ['euler', 'euler_a', 'dpmpp_2m_karras']) {
    it(`refining later gives what drawing with the refiner gives (${sampler})`, async () => {
      const at = 0.8;
      const whole = await engine.run(server, drawTask({ sampler, refine: at }));
      const { handoff } = await engine.run(server, drawTask({ sampler }, at));
      if (handoff === null) throw new Error('No hand-off latent was kept.');
      const refined = await engine.run(server, {
        kind: 'refine',
        model: miniature,
        recipe: recipe({ sampler, refine: at }),
        from: { handoff },
      });
      expect(Buffer.from(refined.picture).equals(Buffer.from(whole.picture))).toBe(true);
    });
  }

  it('inpaints: what is not masked stays, what is masked is drawn, and refining later knows the mask', async () => {
    const someKey = '0'.repeat(64) as never;
    const sides = { width: 128, height: 128, channels: 3 } as const;
    const { picture: init } = await engine.run(server, drawTask());
    // White, so to be drawn, is the right half.
    const mask = await sharp({ create: { ...sides, background: 'black' } })
      .composite([{ input: { create: { ...sides, width: 64, background: 'white' } }, left: 64, top: 0 }])
      .png()
      .toBuffer();
    const inpaint = (changes: Partial<Recipe>, handoffAt: number | null = null): DrawTask => ({
      ...drawTask({ ...changes, init: { picture: someKey, strength: 1 }, mask: someKey, seed: 99 }, handoffAt),
      init,
      mask,
    });
    const whole = await engine.run(server, inpaint({ prompt: 'a red rocket', refine: 0.8 }));
    const [before, after] = await Promise.all([init, whole.picture].map((bytes) => sharp(bytes).raw().toBuffer()));
    const difference = (left: number): number => {
      const differences = [...(before ?? [])].flatMap((value, index) => {
        const column = Math.floor(index / 3) % 128;
        // Sixteen columns at the border belong to both, because the autoencoder looks around.
        return column >= left && column < left + 48 ? Math.abs(value - (after?.[index] ?? 999)) : [];
      });
      return differences.reduce((sum, value) => sum + value, 0) / differences.length;
    };
    expect(difference(0)).toBeLessThan(8);
    expect(difference(80)).toBeGreaterThan(2 * difference(0));

    const { handoff } = await engine.run(server, inpaint({ prompt: 'a red rocket' }, 0.8));
    if (handoff === null) throw new Error('No hand-off latent was kept.');
    const { recipe: refined } = inpaint({ prompt: 'a red rocket', refine: 0.8 });
    const later = await engine.run(server, { kind: 'refine', model: miniature, recipe: refined, from: { handoff } });
    expect(Buffer.from(later.picture).equals(Buffer.from(whole.picture))).toBe(true);
  });

  it('tells every step, with previews', async () => {
    const seen: EngineProgress[] = [];
    await engine.run(server, drawTask({ refine: 0.8 }), { onProgress: (progress) => seen.push(progress) });
    const steps = seen.filter(({ stage, preview }) => (stage === 'drawing' || stage === 'refining') && !preview);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(new Set(seen.map(({ steps: all }) => all))).toEqual(new Set([0, 10]));
    const previews = seen.flatMap(({ preview }) => preview ?? []);
    expect(previews.length).toBeGreaterThan(0);
  });

  it('draws pictures together as it draws each alone, whatever their samplers and seeds', async () => {
    const tasks = [
      drawTask({ seed: 1 }),
      drawTask({ seed: 2, sampler: 'dpmpp_2m' }),
      drawTask({ seed: 3, guidance: 1 }),
      drawTask({ seed: 4, sampler: 'heun', steps: 6 }),
    ];
    const together = await Promise.all(tasks.map((task) => engine.run(server, task)));
    for (const [index, task] of tasks.entries()) {
      const alone = await engine.run(server, task);
      expect(await largestByteDifference(together[index]?.picture, alone.picture)).toBeLessThanOrEqual(1);
    }
  });

  it('stops a cancelled picture between steps, and goes on with the others', async () => {
    const lines: string[] = [];
    const cancelled = engine
      .run(server, drawTask({ steps: 100 }), {
        onStart: (id) => setTimeout(() => server.receive({ type: 'cancel', id }), 50),
      })
      .catch((error: unknown) => lines.push(String(error)));
    const other = await engine.run(server, drawTask({ seed: 9 }));
    await cancelled;
    expect(lines).toEqual(['EngineError: Cancelled.']);
    expect(other.picture.byteLength).toBeGreaterThan(1000);
  });

  it.each<[string, EngineTask, string]>([
    ['an unknown sampler', drawTask({ sampler: 'magic' }), 'has no sampler "magic"'],
    [
      'a refiner that is not there',
      { ...drawTask({ refine: 0.8 }), model: { ...miniature, refiner: null } },
      'This model has no refiner',
    ],
    [
      'a folder that is not there',
      { ...drawTask(), model: { base: '/nowhere', refiner: null } },
      '/nowhere: there is no such file or folder',
    ],
    [
      'a refiner in the place of a base',
      { ...drawTask(), model: { base: miniature.refiner ?? '', refiner: null } },
      'a base is needed',
    ],
    [
      'a start picture that is none',
      { ...drawTask({ init: { picture: '0'.repeat(64) as never, strength: 0.5 } }), init: new Uint8Array(9) },
      'picture',
    ],
    [
      'a mask that is not there',
      {
        ...drawTask({ init: { picture: '0'.repeat(64) as never, strength: 0.5 }, mask: '0'.repeat(64) as never }),
        init: SMALLEST_PNG,
      },
      'The mask is missing',
    ],
    ['a mask without a picture', drawTask({ mask: '0'.repeat(64) as never }), 'A mask needs a picture'],
    [
      'a strength without a step',
      { ...drawTask({ init: { picture: '0'.repeat(64) as never, strength: 0.01 } }), init: new Uint8Array(9) },
      'strength',
    ],
    [
      'a damaged hand-off',
      { kind: 'refine', model: miniature, recipe: recipe({ refine: 0.8 }), from: { handoff: new Uint8Array(40) } },
      'hand-off',
    ],
  ])('answers %s with one clear line', async (_, task, line) => {
    const message = await engine.run(server, task).catch((error: Error) => error.message);
    expect(message).toContain(line);
    expect(String(message).split('\n')).toHaveLength(1);
  });

  it('reads a long prompt whole, in chunks, and says what is beyond the last', async () => {
    // The miniature reads 30 tokens at once, so 120 in four chunks.
    const short = await engine.run(server, drawTask({ prompt: 'a cat '.repeat(15), steps: 2 }));
    const long = await engine.run(server, drawTask({ prompt: `${'a cat '.repeat(15)} at night`, steps: 2 }));
    expect(long.notes).toEqual([]);
    expect(await largestByteDifference(long.picture, short.picture)).toBeGreaterThan(1);
    const tooLong = await engine.run(server, drawTask({ prompt: 'a cat '.repeat(80), negative: '', steps: 2 }));
    expect(tooLong.notes).toEqual([{ code: 'prompt_cut', tokens: 40 }]);
  });

  it('weighs words: a weight changes a picture, a weight of 1 does not', async () => {
    const draw = async (prompt: string) => (await engine.run(server, drawTask({ prompt, steps: 4 }))).picture;
    const plain = await draw('a cat in the snow');
    expect(await largestByteDifference(await draw('a (cat:1) in the snow'), plain)).toBe(0);
    expect(await largestByteDifference(await draw('a (cat:1.5) in the snow'), plain)).toBeGreaterThan(1);
  });
});

async function largestByteDifference(a: Uint8Array | undefined, b: Uint8Array): Promise<number> {
  const [x, y] = await Promise.all([a ?? new Uint8Array(), b].map((bytes) => sharp(bytes).raw().toBuffer()));
  return Math.max(...(x ?? []).map((value, index) => Math.abs(value - (y?.[index] ?? 999))));
}
