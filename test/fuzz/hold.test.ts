import { describe, expect, test } from 'vitest';
import { filled, filledText, holdTarget } from './hold.ts';
import { holds } from './hostile/index.ts';

/** Enough to see that every input can be made and is answered; `npm run fuzz` makes them as large as they can be, and times them. */
const FEW_BYTES = 2_000;

describe.each(holds)('$name', ({ kinds, measure }) => {
  test('answers what is hostile to it', async () => {
    expect(kinds.length).toBeGreaterThan(0);
    for (const kind of kinds) expect(await measure(kind, FEW_BYTES), kind).toBeGreaterThanOrEqual(0);
  });
});

test('how long the event loop stood still is told', async () => {
  const { measure } = holdTarget({
    name: 'slow',
    inputs: { once: () => 60 },
    parse: (milliseconds) => {
      const end = performance.now() + milliseconds;
      while (performance.now() < end);
    },
  });
  expect(await measure('once', 1)).toBeGreaterThan(40);
});

test('inputs are as long as they are asked for', () => {
  expect(filled('ab', 5).toString()).toBe('ababa');
  expect(filledText('ab', 5)).toBe('ababa');
});
