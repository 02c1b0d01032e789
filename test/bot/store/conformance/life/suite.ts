import fc from 'fast-check';
import { afterEach, describe, it } from 'vitest';
import type { StoreUnderTest } from '../../stores.ts';
import { lifeCommands } from './commands.ts';
import { agree, Model } from './model.ts';
import { anyRush, Rush } from './rush.ts';

/** More of them find rarer orderings: `.ci/run` asks for many. */
const RUNS = Number(process.env.LIFE_RUNS ?? 10);
const MOST_COMMANDS = 40;

/** Whatever happens in whatever order: each job ends once, is charged for what it brought, and owes one message. */
export function lifeSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('any life of jobs', () => {
    afterEach(removeJobs);

    it('goes as a plain model of it goes, command by command', async () => {
      await fc.assert(
        fc
          .asyncProperty(fc.commands([...lifeCommands], { maxCommands: MOST_COMMANDS }), async (commands) => {
            const model = new Model();
            await fc.asyncModelRun(() => ({ model, real: store() }), commands);
            await agree(model, store());
          })
          .beforeEach(removeJobs),
        { numRuns: RUNS },
      );
    });

    it('keeps its sums, though everybody acts at once', async () => {
      await fc.assert(
        fc
          .asyncProperty(anyRush, async (batches) => {
            const rush = new Rush(store());
            for (const batch of batches) await rush.all(batch);
            await rush.check();
          })
          .beforeEach(removeJobs),
        { numRuns: Math.ceil(RUNS / 2) },
      );
    });
  });
}
