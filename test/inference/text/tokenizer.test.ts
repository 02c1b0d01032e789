import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readClipTokenizers, readTokenizer } from '../../../inference/checkpoint/tokenizer-files.ts';
import { createTokenizer, encode, tokenize } from '../../../inference/text/tokenizer.ts';

const { tokenizer: files, tokenizer2: files2 } = await readClipTokenizers();
const tokenizer = createTokenizer(files);
const tokenizer2 = createTokenizer(files2);

test('pads with the tokenizer’s own padding token', () => {
  expect(tokenize('cat', tokenizer).ids.slice(0, 5)).toEqual([49406, 2368, 49407, 49407, 49407]);
  expect(tokenize('cat', tokenizer2).ids.slice(0, 5)).toEqual([49406, 2368, 49407, 0, 0]);
});

test('reports how much was cut, and ends with the end token', () => {
  const { ids, cutTokens } = tokenize('cat '.repeat(80), tokenizer);
  expect(ids).toHaveLength(77);
  expect(ids.at(-1)).toBe(49407);
  expect(cutTokens).toBe(5);
  expect(tokenize('cat '.repeat(75), tokenizer).cutTokens).toBe(0);
});

test('takes its length from the model: the miniature reads 32 tokens', async () => {
  const mini = createTokenizer(await readTokenizer('models/mini/base/tokenizer_2'));
  const { ids, cutTokens } = tokenize('a cat in the snow', mini);
  expect(ids).toHaveLength(32);
  expect(ids[0]).toBe(2476);
  expect(ids).toContain(2477);
  expect(ids.at(-1)).toBe(0);
  expect(cutTokens).toBe(0);
});

describe('any text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });

  test('gives exactly the model’s length of known ids, and counts what it cut', () => {
    fc.assert(
      fc.property(text, (prompt) => {
        const { ids, cutTokens } = tokenize(prompt, tokenizer);
        expect(ids).toHaveLength(77);
        expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < 49408)).toBe(true);
        expect(cutTokens).toBe(Math.max(0, encode(prompt, tokenizer).length - 75));
      }),
    );
  });

  test('is the same with any white space around its words', () => {
    const word = fc.stringMatching(/^[a-zé0-9,:.]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        expect(encode(`\t${words.join(' \u2003\n')}\u00a0`, tokenizer)).toEqual(encode(words.join(' '), tokenizer));
      }),
    );
  });

  test('merges as the plain algorithm does: the best pair everywhere, again and again', () => {
    const word = fc.stringMatching(/^[a-e]{1,40}$|^[a-z]{1,40}$/);
    fc.assert(
      fc.property(word, (letters) => {
        expect(encode(letters, tokenizer)).toEqual(encodePlainly(letters));
      }),
    );
  });
});

test.each([
  ['one letter', 'a'.repeat(1_000_000)],
  ['many words', 'word '.repeat(200_000)],
  ['signs', '<|!'.repeat(300_000)],
  ['combining marks out of order', `a${'\u0301'.repeat(250_000)}${'\u0316'.repeat(250_000)}`],
  ['emoji', '😀'.repeat(250_000)],
  ['lone surrogates', '\ud800'.repeat(500_000)],
])('a megabyte of %s ends', (_, hostile) => {
  expect(tokenize(hostile, tokenizer).ids).toHaveLength(77);
});

const ranks = new Map(files.merges.map(([first, second], rank) => [`${first} ${second}`, rank]));

function encodePlainly(letters: string): number[] {
  let pieces = [...letters].map((letter, index) => (index === letters.length - 1 ? `${letter}</w>` : letter));
  for (;;) {
    const pairs = pieces.slice(1).map((piece, index) => `${pieces[index]} ${piece}`);
    const best = Math.min(...pairs.map((pair) => ranks.get(pair) ?? Infinity));
    if (best === Infinity) return pieces.map((piece) => files.vocabulary.get(piece)!);
    const merged: string[] = [];
    for (let i = 0; i < pieces.length; i++) {
      if (ranks.get(`${pieces[i]} ${pieces[i + 1]}`) === best) merged.push(pieces[i]! + pieces[++i]!);
      else merged.push(pieces[i]!);
    }
    pieces = merged;
  }
}
