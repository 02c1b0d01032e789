import { describe, expect, it } from 'vitest';
import { Turnstile } from '../../bot/turnstile.ts';

describe('Turnstile', () => {
  it('lets so many in at a time, in order, and all of them in the end', async () => {
    const turnstile = new Turnstile(3);
    let [inside, most] = [0, 0];
    const begun: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        turnstile.pass(async () => {
          begun.push(index);
          inside++;
          most = Math.max(most, inside);
          await new Promise((resolve) => setTimeout(resolve, 1));
          inside--;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(begun).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('goes on after work that fails, and hands its failure on', async () => {
    const turnstile = new Turnstile(1);
    const failing = turnstile.pass(() => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await expect(turnstile.pass(async () => 'yes')).resolves.toBe('yes');
  });

  it('lets timers run while work that never leaves its microtasks waits in line', async () => {
    const turnstile = new Turnstile(1);
    let isTimerDone = false;
    const timer = new Promise<void>((resolve) =>
      setTimeout(() => {
        isTimerDone = true;
        resolve();
      }, 1),
    );
    const busy = async (): Promise<boolean> => {
      const end = performance.now() + 5;
      while (performance.now() < end) await null;
      return isTimerDone;
    };
    const seen = await Promise.all(Array.from({ length: 5 }, () => turnstile.pass(busy)));
    await timer;
    expect(seen.at(-1)).toBe(true);
  });
});
