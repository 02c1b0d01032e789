import { expect, test } from 'vitest';
import { rarely } from '../../bot/rarely.ts';

test('an error that comes over and over is told at once, and then once a while with how often it came', () => {
  const told: string[] = [];
  let time = 0;
  const onError = rarely(
    1000,
    ({ message }, untold) => told.push(`${message} ${untold}`),
    () => time,
  );
  for (; time < 2500; time += 100) onError(new Error('refused'));
  expect(told).toEqual(['refused 0', 'refused 9', 'refused 9']);
});

test('another error is told beside it', () => {
  const told: string[] = [];
  const onError = rarely(
    1000,
    ({ message }) => told.push(message),
    () => 0,
  );
  for (const message of ['refused', 'out of memory', 'refused', 'out of memory']) onError(new Error(message));
  expect(told).toEqual(['refused', 'out of memory']);
});
