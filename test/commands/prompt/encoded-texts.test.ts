import { describe, expect, it, test } from 'vitest';
import { LATEST_REVISION } from '../../../commands/parameters/revision.ts';
import { composedPrompts, encodedTexts, type ReadingRules } from '../../../commands/prompt/encoded-texts.ts';

const now: ReadingRules = { steps: 10, revision: LATEST_REVISION };
const before: ReadingRules = { steps: 10 };

describe('prompts that AND joins', () => {
  it.each([
    ['a castle', [['a castle', 1]]],
    [
      'a castle AND fog :0.6',
      [
        ['a castle ', 1],
        [' fog', 0.6],
      ],
    ],
    [
      'a:1.2 AND b : -1 AND c',
      [
        ['a', 1.2],
        [' b', -1],
        [' c', 1],
      ],
    ],
    ['a SAND castle', [['a SAND castle', 1]]],
    ['AND a castle :2', [['AND a castle :2', 1]]],
  ])('%s', (prompt, expected) => {
    const parts = composedPrompts(prompt, now).map(({ text, weight }) => [text, weight]);
    expect(parts.map(([text, weight]) => [String(text).trim(), weight])).toEqual(
      expected.map(([text, weight]) => [String(text).trim(), weight]),
    );
  });
});

test('all that the encoders are given is known, of every step and part', () => {
  expect(encodedTexts('a [n|x]ude AND [cat:dog:0.5]', now, 'towards').map((text) => text.trim())).toEqual([
    'a nude',
    'a xude',
    'cat',
    'dog',
  ]);
  expect(encodedTexts('fog AND [a:b:0.5]', now, 'away')).toEqual(['fog AND a', 'fog AND b']);
});

test('recipes of before are read as they stand', () => {
  expect(encodedTexts('[a|b] AND c', before, 'towards')).toEqual(['[a|b] AND c']);
});
