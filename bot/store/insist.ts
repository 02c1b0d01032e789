import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../config/index.ts';

/** Together about as long as a database takes to restart. */
const PAUSES_MS = [200, 500, 1_000, 2_000, 4_000, 8_000];

/** Tries again where the store is away for a moment: minutes of drawing hang on one statement. Rejects as the last try does. */
export async function insist<T>(write: () => Promise<T>, log: Logger): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await write();
    } catch (error) {
      log.warn({ error }, 'the store did not take it; it is tried again');
      await sleep(pause);
    }
  }
  return write();
}
