import { expect, it } from 'vitest';
import { sortOut, type TooLate } from '../../../tools/chaos/lateness.ts';

const late = (what: string, seconds: number): TooLate => ({ what, from: 0, to: seconds * 1000 });

it('excuses what was too late by the time for which the machine stood still, and by nothing else', () => {
  const stoodStillFor = (milliseconds: number) => ({ within: () => milliseconds });
  const answer = late('no answer in time', 3);
  expect(sortOut([answer], stoodStillFor(0))).toEqual({ violations: ['no answer in time'], excused: [] });
  expect(sortOut([answer], stoodStillFor(299)).violations).toEqual(['no answer in time']);
  expect(sortOut([answer], stoodStillFor(400))).toEqual({
    violations: [],
    excused: ['no answer in time (the machine stood still for 400 ms)'],
  });
  // The same pause explains nothing of a longer time.
  expect(sortOut([late('not quiet', 200)], stoodStillFor(400)).violations).toEqual(['not quiet']);
});
