import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Holder, MemoryBudget } from '../../../inference/engine/memory-budget.ts';

/** A holder that knows whether it has been released since it was last let in. */
function holder(name: string, bytes: number) {
  const released: string[] = [];
  return { name, bytes, released, release: async () => void released.push(name) };
}

/** Whether a promise is settled once everything that can go on has gone on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('MemoryBudget', () => {
  it('keeps what is idle until its place is needed, and then releases what was used longest ago', async () => {
    const budget = new MemoryBudget<ReturnType<typeof holder>>(10);
    const [a, b, c] = [holder('a', 4), holder('b', 4), holder('c', 4)];
    for (const one of [a, b, a]) {
      await budget.enter([one]);
      budget.leave([one]);
    }
    await budget.enter([c]);
    expect(budget.held.map(({ name }) => name)).toEqual(['a', 'c']);
    expect([a.released, b.released]).toEqual([[], ['b']]);
  });

  it('lets wait who finds no room beside what is in use, in the order of asking', async () => {
    const budget = new MemoryBudget(10);
    const [a, b, c] = [holder('a', 6), holder('b', 6), holder('c', 2)];
    await budget.enter([a]);
    const second = budget.enter([b]);
    const third = budget.enter([c]);
    expect([await isSettled(second), await isSettled(third)]).toEqual([false, false]);
    budget.leave([a]);
    await Promise.all([second, third]);
    expect(a.released).toEqual(['a']);
    expect(budget.held).toEqual([b, c]);
  });

  it('has less room for what comes, where some is reserved', async () => {
    const budget = new MemoryBudget<ReturnType<typeof holder>>(10);
    const [a, b] = [holder('a', 4), holder('b', 4)];
    for (const one of [a, b]) {
      await budget.enter([one]);
      budget.leave([one]);
    }
    budget.reserve(3);
    await budget.enter([b]);
    expect(a.released).toEqual(['a']);
    expect(budget.held).toEqual([b]);
  });

  it('lets in alone what is larger than the limit', async () => {
    const budget = new MemoryBudget(10);
    const [small, large] = [holder('small', 1), holder('large', 50)];
    await budget.enter([small]);
    const asked = budget.enter([large]);
    expect(await isSettled(asked)).toBe(false);
    budget.leave([small]);
    await asked;
    expect(small.released).toEqual(['small']);
  });

  it('does not wait for a task that gave up', async () => {
    const budget = new MemoryBudget(10);
    const [a, b, c] = [holder('a', 6), holder('b', 6), holder('c', 2)];
    await budget.enter([a]);
    const cancellation = new AbortController();
    const given = budget.enter([b], cancellation.signal);
    const next = budget.enter([c]);
    cancellation.abort(new Error('cancelled'));
    await expect(given).rejects.toThrow('cancelled');
    await next;
    expect(budget.held).toEqual([a, c]);
  });

  it('releases what is retired when its last user leaves', async () => {
    const budget = new MemoryBudget(10);
    const a = holder('a', 6);
    await budget.enter([a]);
    await budget.enter([a]);
    await budget.retire(a);
    budget.leave([a]);
    expect(a.released).toEqual([]);
    budget.leave([a]);
    expect(a.released).toEqual(['a']);
    expect(budget.held).toEqual([]);
  });

  it('never holds more than the limit, never releases what is in use, and lets everybody in', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 5 });
    const steps = fc.array(fc.record({ which: fc.nat(), second: fc.nat(), leave: fc.boolean() }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sizes, steps, async (bytes, plan) => {
        const budget = new MemoryBudget(20);
        const inUse = new Map<Holder, number>();
        const holders = bytes.map((size): Holder => {
          const one: Holder = { bytes: size, release: async () => expect(inUse.get(one) ?? 0).toBe(0) };
          return one;
        });
        const count = (some: readonly Holder[], by: number): void => {
          for (const one of some) inUse.set(one, (inUse.get(one) ?? 0) + by);
        };
        let [asked, entered] = [0, 0];
        const inside: (readonly Holder[])[] = [];
        const leave = (): void => {
          const some = inside.shift();
          if (some === undefined) return;
          count(some, -1);
          budget.leave(some);
        };
        for (const { which, second, leave: leaves } of plan) {
          const pair = new Set([holders[which % holders.length]!, holders[second % holders.length]!]);
          asked++;
          void budget.enter([...pair]).then(() => {
            entered++;
            count([...pair], 1);
            inside.push([...pair]);
          });
          if (leaves) leave();
          await new Promise((resolve) => setImmediate(resolve));
          expect(budget.held.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(20);
        }
        while (inside.length > 0) {
          leave();
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(entered).toBe(asked);
      }),
      { numRuns: 50 },
    );
  });
});
