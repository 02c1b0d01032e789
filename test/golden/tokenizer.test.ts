import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readClipTokenizers } from '../../inference/checkpoint/tokenizer-files.ts';
import { createTokenizer, encode, tokenize } from '../../inference/text/tokenizer.ts';
import { goldenPath } from './golden-folder.ts';

interface Golden {
  cases: { text: string; ids_untruncated: number[]; n: number; ids_pad_eos: number[]; ids_pad_0: number[] }[];
}

const golden: Golden = JSON.parse(readFileSync(goldenPath('tokenizer.json'), 'utf8'));
const files = await readClipTokenizers();
const tokenizer = createTokenizer(files.tokenizer);
const tokenizer2 = createTokenizer(files.tokenizer2);

test('there are cases', () => {
  expect(golden.cases.length).toBeGreaterThan(0);
});

test.each(golden.cases)('transformers gives the same ids: $text', (expected) => {
  const whole = [tokenizer.bosId, ...encode(expected.text, tokenizer), tokenizer.eosId];
  expect(whole).toEqual(expected.ids_untruncated);
  expect(Math.min(whole.length, tokenizer.modelMaxLength)).toBe(expected.n);
  const cutTokens = Math.max(0, expected.ids_untruncated.length - tokenizer.modelMaxLength);
  expect(tokenize(expected.text, tokenizer)).toEqual({ ids: expected.ids_pad_eos, cutTokens });
  expect(tokenize(expected.text, tokenizer2)).toEqual({ ids: expected.ids_pad_0, cutTokens });
});
