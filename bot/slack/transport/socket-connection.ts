import { setTimeout as sleepFor } from 'node:timers/promises';
import { type App, type Receiver, SocketModeReceiver, type webApi } from '@slack/bolt';
import type { Logger } from 'pino';
import { PlatformAwayError } from '../../platform.ts';
import { SlackSetupError } from '../identity.ts';
import { boltLogger } from './bolt-logger.ts';
import { isLockedOut, type SlackError, toSlackError } from './slack-error.ts';

/** Slack says hello at once; a connection that stays silent is broken. */
const HELLO_MS = 20_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** A connection that Slack closes sooner counts as a failed attempt: Slack refreshes a good one about once an hour. */
const SETTLED_MS = 10_000;

/** What the SDK says of a `disconnect` message, at its debug level only; its other debug lines hold payloads. */
const DISCONNECT_LINE = /^Received "disconnect" \((\w+)\) message/;
/** https://docs.slack.dev/apis/events-api/using-socket-mode/, "Handling disconnects". */
const HELP: Readonly<Record<string, string>> = {
  too_many_websockets:
    'Slack has more than ten connections of this app: another Easel, or another program, uses the same SLACK_APP_TOKEN',
  link_disabled: 'Socket Mode was switched off for this app: switch it on again in the app’s settings',
};

type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;
const realSleep: Sleep = (ms, signal) => sleepFor(ms, undefined, { signal });

/**
 * Socket Mode, reconnected by us. The SDK's own reconnection waits five seconds after Slack asks for a fresh connection,
 * in which every command fails, and stopping while it waits for a hello ends the process with an unhandled rejection
 * (@slack/socket-mode 3.1.0). So the SDK connects once, and this loop connects again.
 */
export class SocketConnection implements Receiver {
  private readonly receiver: SocketModeReceiver;
  private readonly log: Logger;
  private readonly onLockedOut: (error: Error) => void;
  private readonly sleep: Sleep;
  private readonly now: () => number;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  /** `onLockedOut` hears that Slack no longer takes the token: there is no further reconnection. */
  constructor(options: {
    appToken: string;
    clientOptions: webApi.WebClientOptions;
    log: Logger;
    onLockedOut: (error: Error) => void;
    sleep?: Sleep;
    /** Milliseconds of a monotonic clock. */
    now?: () => number;
  }) {
    this.sleep = options.sleep ?? realSleep;
    this.now = options.now ?? (() => performance.now());
    this.log = options.log;
    this.onLockedOut = options.onLockedOut;
    this.receiver = new SocketModeReceiver({
      appToken: options.appToken,
      logger: { ...boltLogger(options.log), debug: (line: unknown) => this.noteReason(String(line)) },
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: options.clientOptions },
      customPropertiesExtractor: () => ({ receivedAt: performance.now() }),
    });
  }

  init(app: App): void {
    this.receiver.init(app);
  }

  /** Resolves once Slack has said hello; rejects with a `SlackSetupError`, or a `PlatformAwayError` where it cannot be reached now. */
  async start(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      throw explainSocket(toSlackError('apps.connections.open', error));
    }
    this.loop = this.stayConnected();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.receiver.client.disconnect();
    await this.loop;
  }

  private async connect(): Promise<void> {
    const { client } = this.receiver;
    const impatience = setTimeout(() => void client.disconnect(), HELLO_MS);
    try {
      await client.start();
    } finally {
      clearTimeout(impatience);
    }
    // A stop that came while the address was being fetched found no socket to close.
    if (this.stopping.signal.aborted) await client.disconnect();
  }

  /** Reconnects at once when a settled connection ends, and with growing pauses when attempts fail. */
  private async stayConnected(): Promise<void> {
    const { signal } = this.stopping;
    let wait = 0;
    let isConnected = true;
    while (!signal.aborted) {
      try {
        if (isConnected) {
          const connectedAt = this.now();
          await this.disconnected();
          if (signal.aborted) return;
          isConnected = false;
          wait = this.now() - connectedAt < SETTLED_MS ? longer(wait) : 0;
          if (wait > 0) this.log.warn(`Slack closed a new connection; trying again in ${wait / 1000} s`);
        }
        if (wait > 0) await this.sleep(wait, signal);
        await this.connect();
        isConnected = true;
      } catch (error) {
        if (signal.aborted) return;
        const cause = toSlackError('apps.connections.open', error);
        if (isLockedOut(cause) || cause.code === 'missing_scope') return this.onLockedOut(explainSocket(cause));
        wait = Math.max(longer(wait), cause.retryAfterSeconds * 1000);
        this.log.warn({ error }, `Slack's Socket Mode could not be reached; trying again in ${wait / 1000} s`);
      }
    }
  }

  /** Resolves when the connection has ended, or is to end. Leaves no listener behind. */
  private disconnected(): Promise<void> {
    const { client } = this.receiver;
    const { signal } = this.stopping;
    return new Promise((resolve) => {
      const finish = (): void => {
        client.off('disconnected', finish);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      client.on('disconnected', finish);
      signal.addEventListener('abort', finish);
    });
  }

  private noteReason(line: string): void {
    const reason = DISCONNECT_LINE.exec(line)?.[1];
    const help = reason === undefined ? undefined : HELP[reason];
    if (help !== undefined) this.log.warn({ reason }, help);
  }
}

const longer = (wait: number): number => Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, wait * 2));

/** What mends a refusal of the app-level token, or of Socket Mode. */
export function explainSocket(error: SlackError): SlackSetupError | PlatformAwayError {
  if (error.kind !== 'refused') return new PlatformAwayError(`Slack’s Socket Mode cannot be reached: ${error.code}.`);
  return new SlackSetupError(
    `Slack refuses SLACK_APP_TOKEN (${error.code}): it must be an app-level token (xapp-…) with the scope connections:write, from the app’s page “Basic Information”, and Socket Mode must be switched on.`,
  );
}
