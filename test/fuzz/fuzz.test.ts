import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzTarget } from './fuzz.ts';
import { targets } from './targets/index.ts';

/** Enough to see that every target works, in a few seconds for all; `npm run fuzz` gives each 100,000. */
const RUNS = 100;
const SEED = 20_261_125;

test.each(targets)('$name: only values and refusals', async (target) => {
  const { inputs, refused } = await target.fuzz(RUNS, SEED);
  expect(inputs).toBe(RUNS);
  expect(refused).toBeLessThan(RUNS);
});

test('a parser that breaks is found, and by which input', async () => {
  const broken = fuzzTarget({
    name: 'broken',
    inputs: fc.string(),
    refusals: [RangeError],
    parse: (text) => {
      if (text.length > 3) throw new TypeError('not ready for this');
    },
  });
  await expect(broken.fuzz(RUNS, SEED)).rejects.toThrow(/^broken \(seed 20261125, path [\d:]+\) broke on .*not ready/s);
});
