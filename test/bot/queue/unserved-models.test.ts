import { expect, test } from 'vitest';
import { UnservedModels } from '../../../bot/queue/unserved-models.ts';

test('a model is overdue when nobody has served it for a minute on end', () => {
  const unserved = new UnservedModels();
  expect(unserved.overdue(['a'], 0)).toEqual([]);
  expect(unserved.overdue(['a', 'b'], 59_000)).toEqual([]);
  expect(unserved.overdue(['a', 'b'], 60_000)).toEqual(['a']);
  expect(unserved.overdue(['b'], 61_000)).toEqual([]);
  expect(unserved.overdue(['a', 'b'], 119_000)).toEqual(['b']);
  expect(unserved.overdue(['a'], 120_000)).toEqual([]);
});
