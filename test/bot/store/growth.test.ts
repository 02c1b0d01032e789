import { afterAll, beforeAll, expect, it } from 'vitest';
import { embeddedStore, type GrownStore } from '../../../tools/bench/growth/grown-store.ts';
import { measureGrowth } from '../../../tools/bench/growth/measure.ts';

const size = { jobs: 6000, users: 300, guilds: 30, waiting: 20 };

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
