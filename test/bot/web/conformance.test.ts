import { afterAll, beforeAll } from 'vitest';
import { createWebPlatform } from '../../../bot/web/platform.ts';
import { watchedLog } from '../../canary.ts';
import { platformConformance } from '../platform-conformance.ts';
import { BrowserPerson } from './browser-person.ts';
import { openTestStore, type TestStore } from './test-store.ts';

let test: TestStore;

beforeAll(async () => {
  test = await openTestStore();
});

afterAll(() => test.store.close());

platformConformance('the page', async (host) => {
  const config = { host: '127.0.0.1', port: 0, publicUrl: undefined, dataDir: '' };
  const platform = createWebPlatform({
    config,
    turns: test.store.turns,
    operations: test.store.operations,
    log: watchedLog(),
  });
  await platform.start(host);
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
