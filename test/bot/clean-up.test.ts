import { describe, expect, it } from 'vitest';
import { CleanUp } from '../../bot/clean-up.ts';
import { watchedLog } from '../canary.ts';

describe('what was started', () => {
  const ends: string[] = [];
  const told: string[] = [];
  const log = watchedLog((line) => void told.push(line));

  it('ends in the opposite order, though one fails and another hangs, and these are told', async () => {
    const cleanUp = new CleanUp(20);
    const end = (what: string) => cleanUp.add(what, async () => void ends.push(what));
    end('the store');
    cleanUp.add('the queue', () => new Promise(() => {}));
    cleanUp.add('the outbox', async () => {
      throw new Error('The store is away.');
    });
    end('the page');
    await cleanUp.run(log);
    expect(ends).toEqual(['the page', 'the store']);
    expect(told).toEqual([
      expect.stringContaining('the outbox did not end in good order'),
      expect.stringContaining('the queue did not end in good order'),
    ]);
  });

  it('ends once', async () => {
    const cleanUp = new CleanUp();
    let count = 0;
    cleanUp.add('the store', async () => {
      count++;
    });
    await cleanUp.run(log);
    await cleanUp.run(log);
    expect(count).toBe(1);
  });
});
