import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Logger } from '../config/index.ts';
import { type Platform, PlatformAwayError, type PlatformHost } from './platform.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** After this long the rest of the program starts without it: Discord may tell a client to wait for an hour. */
const START_PATIENCE_MS = 20_000;

type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;
const realSleep: Sleep = (ms, signal) => sleepFor(ms, undefined, { signal });

/**
 * A platform whose service may be away when the program starts: the page, the other platforms and the queue go on, and
 * it is tried again, with a new adapter each time. `start` resolves when the first attempt has ended or takes too long.
 * It rejects where waiting cannot help (a wrong token); where that turns out only later, the host is told to give up.
 */
export function patientPlatform(options: {
  readonly create: () => Platform;
  readonly log: Logger;
  readonly sleep?: Sleep;
  readonly patienceMs?: number;
}): Platform {
  const { create, log, sleep = realSleep, patienceMs = START_PATIENCE_MS } = options;
  const stopping = new AbortController();
  let platform = create();

  /** Resolves once the platform has started, or is to stop. */
  const keepStarting = async (host: PlatformHost, onAway: () => void): Promise<void> => {
    const { signal } = stopping;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await platform.start(host);
        log.info({ platform: platform.id }, 'platform started');
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof PlatformAwayError)) throw error;
        log.warn({ error: error.message }, `${error.message} Trying again in ${pause / 1000} s.`);
        onAway();
        await platform.stop();
        await sleep(pause, signal).catch(() => {});
        pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
        platform = create();
      }
    }
  };

  return {
    id: platform.id,
    get address() {
      return platform.address ?? null;
    },
    async start(host) {
      let goOn = (): void => {};
      const isAway = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const started = keepStarting(host, goOn);
      const waiting = new AbortController();
      const isLate = sleep(patienceMs, waiting.signal).catch(() => {});
      await Promise.race([started, isAway, isLate]).finally(() => waiting.abort());
      started.catch((error: Error) => {
        log.fatal(error.message);
        host.giveUp(error);
      });
    },
    async stop() {
      stopping.abort();
      await platform.stop();
    },
    progress: (replyTo, progress) => platform.progress(replyTo, progress),
    deliver: (delivery) => platform.deliver(delivery),
  };
}
