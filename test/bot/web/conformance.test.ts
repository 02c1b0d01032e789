import { afterAll, beforeAll } from 'vitest';
import { platformConformance } from '../platform-conformance.ts';
import { BrowserPerson } from './browser-person.ts';
import { startWeb } from './start-web.ts';
import { openTestStore, type TestStore } from './test-store.ts';

let test: TestStore;

beforeAll(async () => {
  test = await openTestStore();
});

afterAll(() => test.store.close());

platformConformance('the page', async (host) => {
  const platform = await startWeb(host, test);
  const address = platform.address!;
  const asker = await BrowserPerson.open(address);
  const onlooker = await BrowserPerson.open(address);
  return {
    platform,
    asker,
    onlooker,
    outage: () => test.breakDown(),
    async close() {
      asker.leave();
      onlooker.leave();
      await platform.stop();
    },
  };
});
