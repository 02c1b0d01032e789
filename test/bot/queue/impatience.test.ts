import { expect, test } from 'vitest';
import { Impatience } from '../../../bot/queue/impatience.ts';

test('what nobody has is overdue when it has been so for a minute on end', () => {
  const impatience = new Impatience<string>();
  expect(impatience.overdue(['a'], 0)).toEqual([]);
  expect(impatience.overdue(['a', 'b'], 59_000)).toEqual([]);
  expect(impatience.overdue(['a', 'b'], 60_000)).toEqual(['a']);
  expect(impatience.overdue(['b'], 61_000)).toEqual([]);
  expect(impatience.overdue(['a', 'b'], 119_000)).toEqual(['b']);
  expect(impatience.overdue(['a'], 120_000)).toEqual([]);
});
