import { describe, expect, it } from 'vitest';
import { patientPlatform } from '../../bot/patient-platform.ts';
import { DeliveryError, type Platform, PlatformAwayError } from '../../bot/platform.ts';
import { watchedLog } from '../canary.ts';
import { ScriptedHost } from './platform-harness.ts';

/** Adapters whose starts end as scripted, one for each attempt; what was started and stopped, in order. */
function scripted(starts: readonly (() => Promise<void>)[]) {
  const events: string[] = [];
  let made = 0;
  const create = (): Platform => {
    const attempt = ++made;
    return {
      id: 'slack',
      start: async () => {
        events.push(`start ${attempt}`);
        await starts[attempt - 1]?.();
      },
      stop: async () => {
        events.push(`stop ${attempt}`);
      },
      progress: async () => {},
      deliver: async () => {
        throw new DeliveryError('retry', `by ${attempt}`);
      },
    };
  };
  return { create, events };
}

const away = async (): Promise<void> => {
  throw new PlatformAwayError('Slack cannot be reached: ECONNREFUSED.');
};
const refused = async (): Promise<void> => {
  throw new Error('SLACK_BOT_TOKEN is wrong.');
};
const never = (): Promise<void> => new Promise(() => {});

const PATIENCE_MS = 20_000;

/** A clock that stands still for patience, and passes the pauses between attempts at once. */
function pauses() {
  const waited: number[] = [];
  const sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    if (ms !== PATIENCE_MS) {
      waited.push(ms);
      return Promise.resolve();
    }
    return new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }));
  };
  return { waited, sleep };
}

describe('a platform whose service is away at the start', () => {
  it('is tried again with longer pauses, by a new adapter each time', async () => {
    const { create, events } = scripted([away, away, async () => {}]);
    const { waited, sleep } = pauses();
    const platform = patientPlatform({ create, log: watchedLog(), sleep, patienceMs: PATIENCE_MS });
    await platform.start(new ScriptedHost());
    await expect.poll(() => events).toEqual(['start 1', 'stop 1', 'start 2', 'stop 2', 'start 3']);
    expect(waited).toEqual([5_000, 10_000]);
    await platform.stop();
    expect(events.at(-1)).toBe('stop 3');
  });

  it('does not hold up the rest of the program', async () => {
    const { create } = scripted([never]);
    const platform = patientPlatform({ create, log: watchedLog(), sleep: async () => {}, patienceMs: PATIENCE_MS });
    await platform.start(new ScriptedHost());
    await platform.stop();
  });

  it('rejects at once where waiting cannot help', async () => {
    const { create } = scripted([refused]);
    const { sleep } = pauses();
    const platform = patientPlatform({ create, log: watchedLog(), sleep, patienceMs: PATIENCE_MS });
    await expect(platform.start(new ScriptedHost())).rejects.toThrow('SLACK_BOT_TOKEN is wrong.');
  });

  it('gives up later where that turns out later', async () => {
    const { create } = scripted([away, refused]);
    let retry = (): void => {};
    const sleep = (ms: number): Promise<void> =>
      ms === PATIENCE_MS
        ? Promise.resolve()
        : new Promise((resolve) => {
            retry = resolve;
          });
    const host = new ScriptedHost();
    const platform = patientPlatform({ create, log: watchedLog(), sleep, patienceMs: PATIENCE_MS });
    await platform.start(host);
    expect(host.gaveUp).toEqual([]);
    retry();
    await expect.poll(() => host.gaveUp.map(({ message }) => message)).toEqual(['SLACK_BOT_TOKEN is wrong.']);
  });
});
