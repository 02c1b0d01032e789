import { afterEach, expect } from 'vitest';
import { takeHeard } from './canary.ts';

afterEach(() => {
  expect(takeHeard(), 'secrets in a log or an output').toEqual([]);
});
