import { openRunQueue } from '../../../bot/queue/open-queue.ts';
import { openStore } from '../../../bot/store/open-store.ts';

/** Opens the store in a folder or at a server's address, and the queue in it, says so, and keeps it until it is killed. */
const [, , place = ''] = process.argv;
const { database } = await openStore(
  place.startsWith('postgres:') ? { databaseUrl: place, folder: null } : { folder: place },
);
await openRunQueue(undefined, database, () => {});
console.log('open');
setInterval(() => {}, 1000);
