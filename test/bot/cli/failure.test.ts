import { expect, test } from 'vitest';
import { failureOf } from '../../../bot/cli/failure.ts';

test('a full disk is named, with what to do', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(failureOf(full)).toEqual({
    exitCode: 1,
    line: 'ENOSPC: no space left on device, write: make room, or set DATA_DIR to a folder on another disk.',
  });
});

test('of anything else the first line is told', () => {
  expect(failureOf(new Error('It broke.\nat somewhere'))).toEqual({ exitCode: 1, line: 'It broke.' });
});
