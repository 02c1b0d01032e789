import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readings } from '../../../commands/prompt/encoder-words.ts';
import { parsePrompt } from '../../../commands/prompt/weights.ts';
import { findBlockedInPrompt } from '../../../commands/rules.ts';
import { readClipTokenizers } from '../../../inference/checkpoint/tokenizer-files.ts';
import { chunkPrompt } from '../../../inference/text/chunks.ts';
import { createTokenizer } from '../../../inference/text/tokenizer.ts';

const files = await readClipTokenizers();
const tokenizer = createTokenizer(files.tokenizer);
const tokens = new Map([...files.tokenizer.vocabulary].map(([token, id]) => [id, token]));

/** The words that the encoder gets, read back from its tokens. */
function wordsOfTokens(prompt: string): readonly string[] {
  const ids = chunkPrompt(parsePrompt(prompt), tokenizer).chunks.flatMap((chunk) => chunk.ids);
  return ids
    .map((id) => tokens.get(id) ?? '')
    .join('')
    .split('</w>');
}

describe('what the encoders read is what the rules read', () => {
  test.each([
    'c\\at',
    '(c:1)(at:1)',
    'c(:1)at',
    '(c:1)(a:1)(t:1)',
    'c([)at',
    '(c:1.2)(at:0.9)',
    'cat1',
    "'mcat",
    'CAT BREAK dog',
    'c\u200bat',
  ])('%s', (prompt) => {
    expect(findBlockedInPrompt(`a ${prompt} in the snow`, ['cat'])).toBe('cat');
  });

  test.each(['a cathedral', 'a bobcat', 'c at', 'c BREAK at', '(ca:1) t'])('%s is not that word', (prompt) => {
    expect(findBlockedInPrompt(prompt, ['cat'])).toBeNull();
  });

  test('a phrase is found over weights and BREAK', () => {
    expect(findBlockedInPrompt('(black:1.3) BREAK [cat]', ['black cat'])).toBe('black cat');
  });

  test('no prompt has tokens of a blocked word that the rules did not find', () => {
    const sign = fc.constantFrom(...'cat\\()[]:,.1! \n', "'", 'C', 'ｃ', 'á', '\u0301', '\u200b', 'm', 'Σ');
    const part = fc.constantFrom('cat', ':1)', ':1.2)', ':-1)', 'BREAK', ' BREAK ', "'s", "'re", '<|endoftext|>');
    const prompt = fc.array(fc.oneof(sign, part), { maxLength: 14 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(prompt, (text) => {
        if (wordsOfTokens(text).includes('cat')) expect(findBlockedInPrompt(text, ['cat'])).toBe('cat');
      }),
      { numRuns: 5_000 },
    );
  });
});

test('a negative weight turns a text round', () => {
  expect(readings('blurry, (cat:-1), dark', 'turned')).toEqual(['cat']);
  expect(readings('blurry, cat', 'turned')).toEqual(['']);
});
