import { expect, it } from 'vitest';
import { Newest } from '../../bot/newest.ts';

it('keeps the entries that were set last', () => {
  const newest = new Newest<string, number>(2);
  newest.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
  expect([...newest]).toEqual([
    ['a', 3],
    ['c', 4],
  ]);
});
