import { openStore } from '../../../bot/store/open-store.ts';

/** Opens the store in a folder, says so, and keeps it until this process is killed. */
await openStore({ folder: process.argv[2] ?? null });
console.log('open');
setInterval(() => {}, 1000);
