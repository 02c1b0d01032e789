import { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOptions } from '../../../bot/slack/transport/api.ts';
import { quietLogger } from '../../../bot/slack/transport/bolt-logger.ts';
import { SocketConnection } from '../../../bot/slack/transport/socket-connection.ts';
import { watchedLog } from '../../canary.ts';
import { type FakeSlack, startFakeSlack } from '../../fakes/slack/index.ts';

describe('staying connected by Socket Mode', () => {
  let fake: FakeSlack;
  let connection: SocketConnection;
  let clock: number;
  /** By how much the clock has advanced each time that it is read: how long a connection lived. */
  let life: number;
  const waits: number[] = [];
  const lines: string[] = [];
  /** Lets the pause that is under way end. */
  let wake: (() => void) | null;
  const warnings: Error[] = [];
  const noteWarning = (warning: Error) => warnings.push(warning);

  beforeEach(async () => {
    process.on('warning', noteWarning);
    for (const list of [waits, lines, warnings]) list.length = 0;
    [clock, life, wake] = [0, 0, null];
    fake = await startFakeSlack();
    const log = watchedLog((line) => void lines.push(line));
    const options = clientOptions(fake.apiUrl, quietLogger(log));
    connection = new SocketConnection({
      appToken: fake.tokens.app,
      clientOptions: options,
      log,
      onLockedOut: (error) => lines.push(error.message),
      now: () => (clock += life),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          waits.push(ms);
          wake = resolve;
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    });
    new App({ token: fake.tokens.bot, receiver: connection, tokenVerificationEnabled: false, convoStore: false });
    await connection.start();
  });

  afterEach(async () => {
    await connection.stop();
    await fake.close();
    process.off('warning', noteWarning);
    expect(warnings).toEqual([]);
  });

  const opened = () => fake.callsOf('apps.connections.open').length;

  it('pauses longer each time that a new connection is turned away, and says why', async () => {
    fake.socketMode.turnsAway = 'too_many_websockets';
    fake.socketMode.drop();
    for (let tries = 1; tries <= 4; tries++) {
      await fake.until(() => waits.length === tries, 'a pause');
      wake?.();
    }
    await fake.until(() => waits.length === 5, 'another pause');
    expect(waits).toEqual([250, 500, 1000, 2000, 4000]);
    expect(opened()).toBe(5);
    expect(lines.join('')).toContain('another Easel, or another program, uses the same SLACK_APP_TOKEN');
  });

  it('keeps the Retry-After of a refusal', async () => {
    life = 60_000;
    fake.faults.add('apps.connections.open', { kind: 'rate', seconds: 30 });
    fake.socketMode.drop();
    await fake.until(() => waits.length === 1, 'a pause');
    expect(waits).toEqual([30_000]);
  });

  it('connects again at once, without a pause and without a leak, when a settled connection is refreshed', async () => {
    life = 60 * 60_000;
    for (let refreshes = 1; refreshes <= 12; refreshes++) {
      // An hour at Slack, too: it grants ten connections a minute.
      fake.clock.advance(life);
      fake.socketMode.refresh();
      await fake.until(() => opened() === refreshes + 1 && fake.socketMode.connections === 1, 'the next connection');
    }
    expect(waits).toEqual([]);
  });
});
