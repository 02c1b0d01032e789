import { expect, it } from 'vitest';
import { lineHistory } from '../../../../bot/web/page/line-history.js';

it('goes back through the lines and forward to the draft, and stops at both ends', () => {
  const history = lineHistory(() => ['one', 'two', 'two', 'three']);
  expect(history.move(-1, 'draft')).toBeNull();
  expect(history.move(1, 'draft')).toBe('three');
  expect(history.move(1, 'three')).toBe('two');
  expect(history.move(1, 'two')).toBe('one');
  expect(history.move(1, 'one')).toBeNull();
  expect(history.move(-1, 'one')).toBe('two');
  expect(history.move(-1, 'two')).toBe('three');
  expect(history.move(-1, 'three')).toBe('draft');
  history.reset();
  expect(history.move(1, 'other')).toBe('three');
});
