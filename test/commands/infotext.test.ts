import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInfotext, parseInfotext } from '../../commands/infotext.ts';
import { MAX_SEED } from '../../commands/parameters/seed.ts';
import { type Recipe, recipeId, recipeSchema } from '../../commands/recipe.ts';

const plain: Recipe = recipeSchema.parse({
  prompt: 'a cat in the snow',
  negative: 'blurry',
  width: 320,
  height: 192,
  steps: 20,
  guidance: 5,
  guidanceRescale: 0,
  sampler: 'euler',
  seed: 7,
  refine: 0.8,
  model: { name: 'mini', hash: '0123456789' },
  refiner: { name: 'mini refiner', hash: 'abcdef0123' },
  loras: [],
});

/** Texts that look like the format itself, between others. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r\n',
        'Negative prompt: ',
        '\nNegative prompt: ',
        '\nNegative prompt:',
        '\nSteps: 20, Sampler: euler, CFG scale: 5, Seed: 1, Size: 64x64, Model hash: 0, Model: x',
        '"',
        '\\',
        ', ',
        ': ',
        '\u2028',
        '\0',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => text.length <= 300);

const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), maxLength: 64 });
const blob = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
const name = hostileText.filter((text) => text.length > 0 && text.length <= 200);
const reference = fc.record({ name, hash });
const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const side = fc.integer({ min: 8, max: 512 }).map((value) => value * 8);

const recipe = fc
  .record(
    {
      prompt: hostileText,
      prompt2: hostileText,
      negative: hostileText,
      deepEvery: fc.integer({ min: 2, max: 10 }),
      negative2: hostileText,
      width: side,
      height: side,
      steps: fc.integer({ min: 1, max: 200 }),
      guidance: fc.double({ min: 0, max: 50, noNaN: true }),
      guidanceRescale: fc.double({ min: 0, max: 1, noNaN: true }),
      sampler: name.map((text) => text.slice(0, 40)),
      seed: fc.integer({ min: 0, max: MAX_SEED }),
      refine: fc.option(share),
      model: reference,
      refiner: reference,
      loras: fc.array(
        reference.chain((lora) => fc.double({ min: -4, max: 4, noNaN: true }).map((weight) => ({ ...lora, weight }))),
        { maxLength: 3 },
      ),
      init: fc.record({ picture: blob, strength: share }),
      mask: blob,
      parent: fc.record({ recipe: fc.constantFrom('0123456789', 'zyxwvtsrqp'), by: fc.constantFrom('vary', 'refine') }),
      revision: fc.constant(2),
      upscale: fc.record({ factor: fc.integer({ min: 2, max: 4 }), method: fc.constantFrom('lanczos', 'a, b') }),
    },
    {
      requiredKeys: [
        'prompt',
        'width',
        'height',
        'steps',
        'guidance',
        'guidanceRescale',
        'sampler',
        'seed',
        'refine',
        'model',
        'loras',
      ],
    },
  )
  // JSON knows no negative zero, and no recipe needs one.
  .map((value) => recipeSchema.parse(JSON.parse(JSON.stringify(value))));

describe('A1111 parameters', () => {
  it('reads as other programs write it', () => {
    expect(formatInfotext(plain)).toBe(
      [
        'a cat in the snow',
        'Negative prompt: blurry',
        'Steps: 20, Sampler: euler, CFG scale: 5, Seed: 7, Size: 320x192, Model hash: 0123456789, Model: mini, ' +
          'Refiner: mini refiner, Refiner hash: abcdef0123, Refiner switch at: 0.8, ' +
          `Easel recipe: ${recipeId(plain)}`,
      ].join('\n'),
    );
  });

  it('gives back every recipe, whatever its texts look like', () => {
    fc.assert(
      fc.property(recipe, (original) => {
        expect(parseInfotext(formatInfotext(original))).toEqual(original);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps an absent negative prompt and an empty one apart', () => {
    const { negative: _, ...absent } = plain;
    expect(parseInfotext(formatInfotext(absent))).toEqual(absent);
    const empty = { ...plain, negative: '' };
    expect(parseInfotext(formatInfotext(empty))).toEqual(empty);
  });

  it.each([
    ['', 'nothing'],
    ['a cat', 'a prompt alone'],
    ['a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7', 'a part of the settings'],
    ['a cat\nSteps: 20, Sampler: "euler', 'an open quotation'],
    [formatInfotext(plain).replace('Size: 320x192', 'Size: 321x192'), 'a size that no recipe has'],
    [formatInfotext(plain).replace('Seed: 7', 'Seed: seven'), 'a seed that is no number'],
    [`a cat\n${'Steps: 20, '.repeat(50_000)}`, 'a long line'],
  ])('refuses %j: %s', (text) => {
    expect(parseInfotext(text)).toBeNull();
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const parsed = parseInfotext(text);
        if (parsed !== null) expect(recipeSchema.safeParse(parsed).success).toBe(true);
      }),
    );
  });
});
