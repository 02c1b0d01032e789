import { pino } from 'pino';
import { createWebPlatform } from '../../../bot/web/platform.ts';
import { platformConformance } from '../platform-conformance.ts';
import { BrowserPerson } from './browser-person.ts';
import { MemoryTurnStore } from './memory-turn-store.ts';

platformConformance('the page', async (host) => {
  const turns = new MemoryTurnStore();
  const log = pino({ level: 'silent' });
  const platform = createWebPlatform({
    config: { host: '127.0.0.1', port: 0, publicUrl: undefined, dataDir: '' },
    turns,
    log,
  });
  await platform.start(host);
  const address = platform.address!;
  const asker = await BrowserPerson.open(address);
  const onlooker = await BrowserPerson.open(address);
  return {
    platform,
    asker,
    onlooker,
    async outage() {
      turns.failing = true;
      return async () => {
        turns.failing = false;
      };
    },
    async close() {
      asker.leave();
      onlooker.leave();
      await platform.stop();
    },
  };
});
