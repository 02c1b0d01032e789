import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blobKeySchema, pictureIdSchema } from '../../commands/ids.ts';
import type { Work } from '../../commands/job.ts';
import { measuredRates, priceOf, type Rate, roundsOf } from '../../commands/quote.ts';
import type { Recipe } from '../../commands/recipe.ts';

const recipe: Recipe = {
  prompt: 'a cat',
  width: 512,
  height: 512,
  steps: 20,
  guidance: 5,
  guidanceRescale: 0,
  sampler: 'euler',
  seed: 1,
  refine: null,
  model: { name: 'mini', hash: 'ab' },
  loras: [],
};
const draw = (changes: Partial<Recipe> = {}, count = 1): Work => ({
  kind: 'draw',
  recipe: { ...recipe, ...changes },
  count,
});
const source = pictureIdSchema.parse('019a0000-0000-7000-8000-000000000000.0');
const refine = (share: number): Work => ({ kind: 'refine', recipe: { ...recipe, refine: share }, source });
const upscale = (changes: Partial<Recipe> = {}): Work => ({
  kind: 'upscale',
  recipe: { ...recipe, ...changes, upscale: { factor: 2, method: 'sharp' } },
  source,
});

const pixels = 512 * 512;
const rate = (stage: Rate['stage'], secondsPerUnit: number, size = pixels, by = 'mini'): Rate => ({
  ...{ by, stage, secondsPerUnit, pixels: size },
});
const rates = [rate('drawing', 0.1), rate('refining', 0.05), rate('coding', 1), rate('upscaling', 3, pixels, 'sharp')];
const price = (work: Work, known: readonly Rate[] = rates) => priceOf(work, known);
/** Of a picture of 512x512: four units of 256x256 each. */
const [STEP, REFINING, CODING] = [4 * 2 * 0.1, 4 * 2 * 0.05, 4];

describe('a quote', () => {
  it('is what the steps and the coding of all pictures take', () => {
    expect(price(draw())).toBeCloseTo(20 * STEP + CODING);
    expect(price(draw({ steps: 40 }))).toBeCloseTo(40 * STEP + CODING);
    expect(price(draw({}, 4))).toBeCloseTo(4 * price(draw()));
    expect(price(draw({ guidance: 1 }))).toBeCloseTo(10 * STEP + CODING);
    expect(price(draw({ sampler: 'heun' }))).toBeCloseTo(40 * STEP + CODING);
  });

  it('is less where deep features are kept over steps', () => {
    expect(price(draw({ deepEvery: 3 }))).toBeCloseTo(20 * STEP * (0.25 + 0.75 * (1 / 3 + 0.25 * (2 / 3))) + CODING);
  });

  it('goes by the refiner’s own rate where it draws on', () => {
    expect(price(draw({ refine: 0.8 }))).toBeCloseTo(16 * STEP + 4 * REFINING + CODING);
    expect(price(refine(0.8))).toBeCloseTo(4 * REFINING + CODING);
  });

  it('is less for what does only a part of the steps, but for a picture that is read first', () => {
    const from = (strength: number) => ({ init: { picture: blobKeySchema.parse('ab'.repeat(32)), strength } });
    expect(price(draw(from(0.5)))).toBeCloseTo(10 * STEP + 2 * CODING);
    expect(price(draw({ ...from(0.5), refine: 0.8 }))).toBeCloseTo(6 * STEP + 4 * REFINING + 2 * CODING);
    expect(price(draw({ ...from(0.1), refine: 0.8 }))).toBeCloseTo(2 * STEP + 2 * CODING);
  });

  it('of an enlarging goes by the picture and by what enlarges', () => {
    expect(price(upscale())).toBeCloseTo(4 * 3);
    expect(price(upscale({ width: 1024, height: 1024 }))).toBeCloseTo(16 * 3);
  });

  it('goes by the nearest size that was measured, and is in proportion to the area', () => {
    // With and without the prompt, which are computed together.
    const known = [rate('drawing', 0.1, 2 * pixels), rate('drawing', 0.5, 2 * 64 * 64), rate('coding', 1)];
    const steps = (side: number) => price(draw({ width: side, height: side, steps: 20 }), known) - (side / 256) ** 2;
    expect(steps(128)).toBeCloseTo(20 * 2 * 0.25 * 0.5);
    expect(steps(1024)).toBeCloseTo(20 * 2 * 16 * 0.1);
  });

  it('goes by what else was measured of a model where nothing is known of a stage', () => {
    const guess = price(refine(0.8), []);
    const slow = [rate('drawing', 0.1), rate('coding', 1)];
    const slower = slow.map((known) => ({ ...known, secondsPerUnit: 3 * known.secondsPerUnit }));
    expect(guess).toBeGreaterThan(0);
    expect(price(refine(0.8), slower)).toBeCloseTo(3 * price(refine(0.8), slow));
  });

  it('is never nothing: the fair share turns by it', () => {
    const small = fc.record({
      width: fc.constantFrom(64, 512, 4096),
      steps: fc.integer({ min: 1, max: 200 }),
      guidance: fc.double({ min: 0, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(small, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (changes, share) => {
        for (const work of [draw(changes), refine(share), upscale(changes)]) {
          expect(price(work, [])).toBeGreaterThan(0);
          expect(roundsOf(work)).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });

  it('counts the steps that follow one another', () => {
    expect([draw({}, 3), draw({ refine: 0.8 }), refine(0.8), upscale()].map(roundsOf)).toEqual([20, 20, 4, 1]);
  });
});

describe('a rate', () => {
  /** What is known after these pictures of two drawings of 20 steps, one after the other. */
  const learnt = (...seconds: readonly number[]): readonly Rate[] =>
    seconds.reduce<readonly Rate[]>(
      (known, drawing) => measuredRates(draw(), [{ loading: 9, drawing, encoding: 0.5, decoding: 1.5 }], known),
      [],
    );

  it('is the first measurement, and comes near the later ones without following each', () => {
    expect(price(draw(), learnt(10))).toBeCloseTo(12);
    expect(price(draw(), learnt(10, 100))).toBeCloseTo(30);
    const later = price(draw(), learnt(10, ...Array.from({ length: 20 }, () => 20)));
    expect(later).toBeGreaterThan(21);
    expect(later).toBeLessThanOrEqual(22);
  });

  it('is of a size and a stage, over all pictures of a job', () => {
    const pictures = [
      { drawing: 1, refining: 4, decoding: 2 },
      { drawing: 3, refining: 4, decoding: 2 },
    ];
    const known = measuredRates(draw({ refine: 0.5 }, 2), pictures, []);
    expect(known.map(({ stage }) => stage)).toEqual(['drawing', 'refining', 'coding']);
    expect(known.every(({ by }) => by === 'mini')).toBe(true);
    // Two pictures, with and without the prompt; and two pictures.
    expect(known.map((each) => each.pixels / pixels)).toEqual([4, 4, 2]);
    expect(price(draw({ refine: 0.5 }), known)).toBeCloseTo(8);
  });

  it('of several pictures that share their steps is one of its own', () => {
    const alone = measuredRates(draw(), [{ drawing: 10, decoding: 1 }], []);
    const together = Array.from({ length: 4 }, () => ({ drawing: 6, decoding: 1 }));
    const known = [...alone, ...measuredRates(draw({}, 4), together, alone)];
    expect(price(draw(), known)).toBeCloseTo(11);
    expect(price(draw({}, 4), known)).toBeCloseTo(4 * 7);
  });

  it('has few sizes, however many people ask for', () => {
    const sizes = Array.from({ length: 100 }, (_, index) => ({ width: 512 + 8 * index, height: 512 }));
    const known = sizes.flatMap((size) => measuredRates(draw(size), [{ drawing: 1 }], []));
    expect(new Set(known.map((each) => each.pixels)).size).toBeLessThan(8);
  });

  it('is not learnt from what was not measured', () => {
    expect(measuredRates(draw(), [{}], [])).toEqual([]);
  });
});
