import { afterAll, beforeAll, expect, it } from 'vitest';
import { guildIdSchema } from '../../../commands/ids.ts';
import { embeddedStore, type GrownStore } from '../../../tools/bench/growth/grown-store.ts';
import { measureGrowth } from '../../../tools/bench/growth/measure.ts';

/** A line that is too long to be played through for a guild that asks. */
const size = { jobs: 6000, users: 300, guilds: 30, waiting: 600 };

let grown: GrownStore;
beforeAll(async () => {
  grown = await embeddedStore();
});
afterAll(() => grown.close());

it('has an index for everything that a running service asks of its store', async () => {
  // So small a table would be read from end to end because that is quicker; now it is only where there is no other way.
  await grown.query('set enable_seqscan = off');
  const results = await measureGrowth(grown, size, 3);
  expect(results.filter(({ scanned }) => scanned.length > 0)).toEqual([]);
  // What is read for one is a small part of what is there: an index that only orders is read to its end.
  expect(results.filter(({ rowsRead }) => rowsRead > size.jobs / 3)).toEqual([]);
});

it('tells a guild in a very long line places near those that its jobs have', async () => {
  const guild = guildIdSchema.parse('guild-7');
  await grown.use(async (store) => {
    const all = await store.jobs.waiting({ limit: size.waiting });
    const told = await store.jobs.waiting({ guild, limit: 15 });
    const actual = all.filter(({ job }) => job.origin.guild === guild).slice(0, told.length);
    expect(told.length).toBeGreaterThan(5);
    expect(told.map(({ job }) => job.id)).toEqual(actual.map(({ job }) => job.id));
    const last = all.at(-1)!;
    const secondsOfPlace = last.expectedSeconds / last.place;
    for (const [index, { place, expectedSeconds }] of told.entries()) {
      const { place: actualPlace, expectedSeconds: actualSeconds } = actual[index]!;
      expect(Math.abs(place - actualPlace)).toBeLessThanOrEqual(size.guilds / 2);
      expect(Math.abs(expectedSeconds - actualSeconds)).toBeLessThanOrEqual((size.guilds / 2) * secondsOfPlace);
    }
  });
});
