import { describe, expect, test } from 'vitest';
import { en } from '../../../commands/locale/en.ts';
import { nearest } from '../../../commands/nearest.ts';
import { findEmbeddings, splitAtEmbeddings, unknownEmbeddings } from '../../../commands/prompt/embeddings.ts';
import { formatLoraTags, parseLoraList, takeLoraTags } from '../../../commands/prompt/lora-tags.ts';

describe('LoRA tags', () => {
  test.each([
    ['a cat <lora:ink:0.8> in the snow', 'a cat in the snow', [{ name: 'ink', weight: 0.8 }]],
    ['<lora:ink>a cat', 'a cat', [{ name: 'ink', weight: 1 }]],
    ['a cat, <LoRA: film grain : -.5 >, snow', 'a cat,, snow', [{ name: 'film grain', weight: -0.5 }]],
    [
      '<lora:a:1><lora:b/c:2>',
      '',
      [
        { name: 'a', weight: 1 },
        { name: 'b/c', weight: 2 },
      ],
    ],
    ['a <b> & <lora> cat', 'a <b> & <lora> cat', []],
  ])('%j', (typed, text, loras) => {
    expect(takeLoraTags(typed, en)).toEqual({ text, loras });
  });

  test('stand for the LoRAs that they were made from', () => {
    const loras = [
      { name: 'a', weight: 0.8 },
      { name: 'b c', weight: -1 },
    ];
    expect(takeLoraTags(formatLoraTags(loras), en).loras).toEqual(loras);
  });

  test.each(['<lora:a:much>', '<lora::1>', '<lora:a:0.5:0.7>', '<lora:a:5>', '<lora:>'])('%s is refused', (typed) => {
    expect(() => takeLoraTags(typed, en)).toThrow('is not possible; it takes NAME:WEIGHT');
  });

  test.each([
    [
      'ink:0.8, film grain',
      [
        { name: 'ink', weight: 0.8 },
        { name: 'film grain', weight: 1 },
      ],
    ],
    [' <lora:ink:0.8> ', [{ name: 'ink', weight: 0.8 }]],
    ['', []],
    ['None', []],
  ])('the option %j', (typed, loras) => {
    expect(parseLoraList(typed, en)).toEqual(loras);
  });
});

describe('embeddings in a text', () => {
  const names = ['cat', 'cat-style', 'bad (hands)'];

  test.each([
    ['no names', [{ text: 'no names' }]],
    ['a Cat!', [{ text: 'a ' }, { embedding: 'cat' }, { text: '!' }]],
    ['cat-style', [{ embedding: 'cat-style' }]],
    ['a cat-styled category, cats', [{ text: 'a cat-styled category, cats' }]],
    ['embedding:cat embedding:dog', [{ embedding: 'cat' }, { text: ' embedding:dog' }]],
    ['x, bad (hands)', [{ text: 'x, ' }, { embedding: 'bad (hands)' }]],
    ['', [{ text: '' }]],
  ])('%j', (text, pieces) => {
    expect(splitAtEmbeddings(text, names)).toEqual(pieces);
  });

  test('are found once each, and those that are not there are told', () => {
    expect(findEmbeddings(['cat CAT', 'a cat-style'], names)).toEqual(['cat', 'cat-style']);
    expect(findEmbeddings(['cat'], [])).toEqual([]);
    expect(unknownEmbeddings('(embedding:dog:1.2), embedding:cat', names)).toEqual(['dog']);
  });
});

test('near names come by likeness, or because they contain what was typed', () => {
  const names = ['watercolour', 'watercolor-v2', 'ink', 'Inkwash', 'pixel'];
  expect(nearest('watercolor', names)).toEqual(['watercolour', 'watercolor-v2']);
  expect(nearest('ink', names)).toEqual(['ink', 'Inkwash']);
  expect(nearest('zebra', names)).toEqual([]);
});
