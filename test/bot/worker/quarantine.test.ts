import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Quarantine } from '../../../bot/worker/quarantine.ts';

describe('the quarantine', () => {
  it('never runs what is suspect beside anything else, and runs everything in the end', async () => {
    const works = fc.array(fc.record({ alone: fc.boolean(), fails: fc.boolean() }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), works, async (scheduler, asked) => {
        const quarantine = new Quarantine();
        const inside = new Set<(typeof asked)[number]>();
        let runs = 0;
        const all = asked.map((work) =>
          quarantine.run(work.alone, async () => {
            inside.add(work);
            runs += 1;
            const isCrowded = inside.size > 1 && [...inside].some(({ alone }) => alone);
            await scheduler.schedule(Promise.resolve());
            inside.delete(work);
            if (isCrowded) throw new Error('Somebody suspect has company.');
            if (work.fails) throw new RangeError('It failed by itself.');
          }),
        );
        const outcomes = await scheduler.waitFor(Promise.allSettled(all));
        expect(runs).toBe(asked.length);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it('lets the unsuspected run together', async () => {
    const quarantine = new Quarantine();
    let inside = 0;
    const together = Array.from({ length: 3 }, () =>
      quarantine.run(false, async () => {
        inside += 1;
        await expect.poll(() => inside).toBe(3);
      }),
    );
    await Promise.all(together);
  });
});
