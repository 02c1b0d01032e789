import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../config/index.ts';
import { whyAway } from './away.ts';

/** Together about as long as a server takes to restart. */
const PAUSES_MS = [200, 500, 1_000, 2_000, 4_000, 8_000];

/** Tries again, whatever it failed of: minutes of drawing hang on one statement. Rejects as the last try does. */
export function insist<T>(work: () => Promise<T>, log: Logger): Promise<T> {
  return tryAgain(work, log, () => true);
}

/** Tries again where a server is away for a moment; with anything else it rejects at once. */
export function insistWhileAway<T>(work: () => Promise<T>, log: Logger): Promise<T> {
  return tryAgain(work, log, (error) => whyAway(error) !== null);
}

async function tryAgain<T>(work: () => Promise<T>, log: Logger, isWorthIt: (error: unknown) => boolean): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (!isWorthIt(error)) throw error;
      log.warn({ error }, 'it could not be done now; it is tried again');
      await sleep(pause);
    }
  }
  return work();
}
