import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blobKeySchema, pictureIdSchema } from '../../commands/ids.ts';
import { pictureCount, type Work } from '../../commands/job.ts';
import { measuredRate, priceOf, workUnits } from '../../commands/quote.ts';
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
const upscale = (factor: number): Work => ({
  kind: 'upscale',
  recipe: { ...recipe, upscale: { factor, method: 'lanczos' } },
  source,
});

describe('a quote', () => {
  it('grows with the pictures, the area and the steps', () => {
    const units = workUnits(draw());
    expect(workUnits(draw({}, 4))).toBeCloseTo(4 * units);
    expect(workUnits(draw({ width: 1024, height: 1024 }))).toBeCloseTo(4 * units);
    expect(workUnits(draw({ steps: 40 }))).toBeGreaterThan(1.5 * units);
    expect(workUnits(draw({ steps: 40 }))).toBeLessThan(2 * units);
  });

  it('is about half where guidance needs no second pass', () => {
    expect(workUnits(draw({ guidance: 1 }))).toBeLessThan(0.7 * workUnits(draw()));
    expect(workUnits(draw({ guidance: 1.1 }))).toBe(workUnits(draw()));
  });

  it('is less for what does only a part of the steps', () => {
    const init = { picture: blobKeySchema.parse('ab'.repeat(32)), strength: 0.5 };
    expect(workUnits(draw({ init }))).toBeLessThan(workUnits(draw()));
    expect(workUnits(refine(0.8))).toBeLessThan(workUnits(refine(0.5)));
    expect(workUnits(refine(0.5))).toBeLessThan(workUnits(draw()));
    expect(workUnits(upscale(2))).toBeLessThan(workUnits(upscale(4)));
  });

  it('is never nothing: the fair share turns by it', () => {
    const small = fc.record({
      width: fc.constantFrom(64, 512, 4096),
      steps: fc.integer({ min: 1, max: 200 }),
      guidance: fc.double({ min: 0, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(small, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (changes, share) => {
        for (const work of [draw(changes), refine(share), upscale(2)]) expect(workUnits(work)).toBeGreaterThan(0);
      }),
    );
  });

  it('is units by the measured seconds of one', () => {
    expect(priceOf(draw(), 0.5)).toBeCloseTo(workUnits(draw()) / 2);
  });

  it('counts the pictures that will be charged', () => {
    expect([draw({}, 3), refine(0.8), upscale(2)].map(pictureCount)).toEqual([3, 1, 1]);
  });
});

describe('a rate', () => {
  it('is the first measurement, and comes near the later ones without following each', () => {
    const work = draw();
    const first = measuredRate(null, work, 10);
    expect(priceOf(work, first)).toBeCloseTo(10);
    const outlier = measuredRate(first, work, 100);
    expect(priceOf(work, outlier)).toBeGreaterThan(10);
    expect(priceOf(work, outlier)).toBeLessThan(40);
    let rate = first;
    for (let job = 0; job < 20; job++) rate = measuredRate(rate, work, 20);
    expect(priceOf(work, rate)).toBeGreaterThan(19);
    expect(priceOf(work, rate)).toBeLessThanOrEqual(20);
  });

  it('holds for other work of the same kind', () => {
    const rate = measuredRate(null, draw(), 10);
    expect(priceOf(draw({}, 3), rate)).toBeCloseTo(30);
  });
});
