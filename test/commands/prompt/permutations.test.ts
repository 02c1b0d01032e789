import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeSigns, unescapeSigns } from '../../../commands/prompt/escapes.ts';
import { countPermutations, permutations, pickPermutation } from '../../../commands/prompt/permutations.ts';

/** A template and the prompts that it stands for, made together from the inside out. */
const { template } = fc.letrec<{ template: { text: string; prompts: string[] } }>((tie) => ({
  template: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.stringMatching(/^[a-z ,().:]{0,6}$/).map((text) => ({ text, prompts: [text] })),
    fc.constantFrom('{', '}', '|', '__').map((sign) => ({ text: `\\${sign}`, prompts: [sign] })),
    fc.array(tie('template'), { minLength: 2, maxLength: 3 }).map((options) => ({
      text: `{${options.map(({ text }) => text).join('|')}}`,
      prompts: options.flatMap(({ prompts }) => prompts),
    })),
    fc.tuple(tie('template'), tie('template')).map(([a, b]) => ({
      text: a.text + b.text,
      prompts: a.prompts.flatMap((start) => b.prompts.map((end) => start + end)),
    })),
  ),
}));

describe('braces', () => {
  test.each([
    ['a cat', ['a cat']],
    ['a {red|blue} car', ['a red car', 'a blue car']],
    ['{a|b} {x|y}', ['a x', 'a y', 'b x', 'b y']],
    ['a {small {cat|dog}|bird}', ['a small cat', 'a small dog', 'a bird']],
    ['a {red|} car', ['a red car', 'a  car']],
    ['{masterpiece}', ['{masterpiece}']],
    ['{a{b}c|d}', ['a{b}c', 'd']],
    ['{a|b', ['{a|b']],
    ['a|b}', ['a|b}']],
    ['{a{b|c}', ['{ab', '{ac']],
    ['\\{a|b\\}', ['\\{a|b\\}']],
    ['{a\\|b|c}', ['a\\|b', 'c']],
    ['', ['']],
  ])('%j', (text, prompts) => {
    expect(permutations(text)).toEqual(prompts);
    expect(countPermutations(text)).toBe(prompts.length);
  });

  test('give exactly the prompts that they were made from', () => {
    fc.assert(
      fc.property(template, ({ text, prompts }) => {
        fc.pre(prompts.length <= 200);
        expect(permutations(text).map(unescapeSigns)).toEqual(prompts);
        expect(countPermutations(text)).toBe(prompts.length);
        expect(permutations(text)).toContain(pickPermutation(text, (count) => count - 1));
      }),
    );
  });

  test('what was drawn is typed again as itself', () => {
    fc.assert(
      fc.property(template, ({ text, prompts }) => {
        fc.pre(prompts.length <= 200);
        for (const prompt of permutations(text).map(unescapeSigns)) {
          expect(permutations(escapeSigns(prompt)).map(unescapeSigns)).toEqual([prompt]);
        }
      }),
    );
  });

  test('any text is counted at once, however many prompts it stands for', () => {
    expect(countPermutations('{a|b}'.repeat(1300))).toBe(Number.POSITIVE_INFINITY);
    expect(countPermutations(`${'{a|'.repeat(1000)}${'}'.repeat(1000)}`)).toBe(1001);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '|', '}', '\\', 'a') }),
        (text) => countPermutations(text) >= 1,
      ),
    );
  });
});
