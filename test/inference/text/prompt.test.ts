import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePrompt } from '../../../commands/prompt/weights.ts';
import { readClipTokenizers } from '../../../inference/checkpoint/tokenizer-files.ts';
import { chunkPrompt, padChunks } from '../../../inference/text/chunks.ts';
import { emphasize } from '../../../inference/text/emphasis.ts';
import { createTokenizer, encode, tokenize } from '../../../inference/text/tokenizer.ts';

const files = await readClipTokenizers();
const tokenizer = createTokenizer(files.tokenizer);

/** Texts with weights rounded, as one list a section. */
const parsed = (prompt: string) =>
  parsePrompt(prompt).map((section) => section.map(({ text, weight }) => [text, Number(weight.toFixed(4))]));

describe('weights', () => {
  test.each([
    ['plain', [['plain', 1]]],
    ['', []],
    [
      'a (b) c',
      [
        ['a ', 1],
        ['b', 1.1],
        [' c', 1],
      ],
    ],
    ['((b))', [['b', 1.21]]],
    ['[b]', [['b', 0.9091]]],
    ['(b:1.3)', [['b', 1.3]]],
    ['(b: .5 )', [['b', 0.5]]],
    ['(b:-1)', [['b', -1]]],
    [
      '(a (b:2) c:1.5)',
      [
        ['a ', 1.5],
        ['b', 3],
        [' c', 1.5],
      ],
    ],
    ['[(b:2)]', [['b', 1.8182]]],
    [
      '(a [b) c]',
      [
        ['a ', 1.1],
        ['b', 1],
        [' c', 0.9091],
      ],
    ],
    ['(unclosed', [['unclosed', 1.1]]],
    ['unopened) text]', [['unopened) text]', 1]]],
    ['time 12:30', [['time 12:30', 1]]],
    ['a:1.2) b', [['a:1.2) b', 1]]],
    ['(a:b)', [['a:b', 1.1]]],
    ['(a:1.2.3)', [['a:1.2.3', 1.1]]],
    ['\\(a\\) \\[b\\] c\\\\d', [['(a) [b] c\\d', 1]]],
    ['(a\\):1.5)', [['a)', 1.5]]],
    ['(b:999)', [['b', 10]]],
    ['(', []],
    ['()', []],
  ])('%j', (prompt, expected) => {
    expect(parsed(prompt)).toEqual([expected]);
  });

  test('BREAK begins a section, and is a word of capitals', () => {
    expect(parsed('a BREAK (b BREAK c)')).toEqual([
      [['a ', 1]],
      [
        [' ', 1],
        ['b ', 1.1],
      ],
      [[' c', 1.1]],
    ]);
    expect(parsed('break BREAKING')).toEqual([[['break BREAKING', 1]]]);
  });

  test('any prompt: no letter is lost, and every weight is a number within bounds', () => {
    const prompt = fc.string({ unit: fc.constantFrom('(', ')', '[', ']', ':', '1', '.', '\\', 'a', ' ', 'BREAK') });
    fc.assert(
      fc.property(prompt, (text) => {
        const texts = parsePrompt(text).flat();
        expect(texts.every(({ weight }) => Number.isFinite(weight) && Math.abs(weight) <= 10)).toBe(true);
        const letters = (value: string) => value.match(/a/g)?.length ?? 0;
        expect(texts.reduce((sum, { text: part }) => sum + letters(part), 0)).toBe(letters(text));
      }),
    );
  });

  test.each(['(', ')', '(a', '[a', '(a)', '(a:1.1)', ':', ': ', '\\', 'BREAK ', ' '])(
    'half a megabyte of %j ends',
    (unit) => {
      expect(parsePrompt(unit.repeat(500_000 / unit.length)).length).toBeGreaterThan(0);
    },
  );

  test('brackets half a megabyte deep end', () => {
    const deep = `${'(a'.repeat(125_000)}${')'.repeat(125_000)}`;
    expect(parsePrompt(deep)[0]?.at(-1)?.weight).toBe(10);
  });
});

describe('chunks', () => {
  const chunk = (prompt: string, maxChunks?: number) => chunkPrompt(parsePrompt(prompt), tokenizer, maxChunks);

  test('a plain prompt that fits is what the tokenizer gives', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ,.]{0,60}$/), (prompt) => {
        const { chunks, cutTokens } = chunk(prompt);
        expect(chunks).toHaveLength(1);
        expect(chunks[0]?.ids).toEqual(tokenize(prompt, tokenizer).ids);
        expect(chunks[0]?.weights).toEqual(new Array(77).fill(1));
        expect(cutTokens).toBe(0);
      }),
    );
  });

  test('a long prompt is read whole', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('cat', 'snow', ',', 'masterpiece'), { maxLength: 300 }), (words) => {
        const { chunks } = chunk(words.join(' '));
        const body = chunks.flatMap(({ ids }) => ids.slice(1, ids.indexOf(49407)));
        expect(body).toEqual(encode(words.join(' '), tokenizer));
        expect(chunks.every(({ ids, weights }) => ids.length === 77 && weights.length === 77)).toBe(true);
      }),
    );
  });

  test('a full chunk ends after a comma that is near, and only then', () => {
    const lengths = (prompt: string) => chunk(prompt).chunks.map(({ ids }) => ids.indexOf(49407) - 1);
    expect(lengths(`${'cat '.repeat(60)}, ${'dog '.repeat(20)}`)).toEqual([61, 20]);
    expect(lengths(`${'cat '.repeat(40)}, ${'dog '.repeat(40)}`)).toEqual([75, 6]);
    expect(lengths('cat '.repeat(75))).toEqual([75]);
    expect(lengths(`${'cat '.repeat(75)},`)).toEqual([75, 1]);
  });

  test('BREAK ends a chunk, and weights stand beside their tokens', () => {
    const { chunks } = chunk('a (cat:1.5) BREAK [dog]');
    expect(chunks.map(({ ids }) => ids.slice(0, 4))).toEqual([
      [49406, 320, 2368, 49407],
      [49406, 1929, 49407, 49407],
    ]);
    expect(chunks[0]?.weights.slice(0, 4)).toEqual([1, 1, 1.5, 1]);
    expect(chunks[1]?.weights[1]).toBeCloseTo(1 / 1.1);
  });

  test('beyond the most chunks, what is left out is counted', () => {
    const { chunks, cutTokens } = chunk('cat '.repeat(200), 2);
    expect(chunks).toHaveLength(2);
    expect(cutTokens).toBe(50);
  });

  test('the shorter of two prompts is padded with empty chunks', () => {
    const padded = padChunks(chunk('cat').chunks, 3, tokenizer);
    expect(padded).toHaveLength(3);
    expect(padded[2]?.ids).toEqual(tokenize('', tokenizer).ids);
  });
});

describe('emphasis', () => {
  const states = { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 6) };

  test('scales each token, and nothing else', () => {
    expect([...emphasize(states, [1, 2], false).data]).toEqual([1, 2, 6, 12]);
  });

  test('of recipes from before restores the mean', () => {
    const { data } = emphasize(states, [1, 2], true);
    // Weighted: 1, 2, 6, 12, whose mean is 5.25 where it was 3.
    expect([...data]).toEqual([1, 2, 6, 12].map((value) => expect.closeTo((value * 3) / 5.25, 5)));
  });

  test('of 1 changes nothing', () => {
    expect(emphasize(states, [1, 1], true)).toBe(states);
  });

  test('that cancels the mean stays finite', () => {
    const { data } = emphasize({ shape: [1, 2, 1], data: Float32Array.of(1, 1) }, [1, -1], true);
    expect([...data]).toEqual([1, -1]);
  });
});
