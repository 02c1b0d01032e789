import { Worker } from 'node:worker_threads';

/** As text: it is run from compiled code and from the sources alike. */
const WATCH = `
const { workerData } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL');
}, workerData.every);
`;
const EVERY_MS = 1_000;

/**
 * Ends this process when the one that forked it is gone. An event loop that is held (by a network's call, or by a file that
 * was made to hold it) does not hear that the channel has closed: a thread of its own watches the parent.
 */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit(0));
  if (process.channel !== undefined && !process.connected) process.exit(0);
  new Worker(WATCH, { eval: true, execArgv: [], workerData: { parent: process.ppid, every: EVERY_MS } }).unref();
}
