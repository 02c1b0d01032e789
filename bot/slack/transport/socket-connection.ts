import { setTimeout as sleep } from 'node:timers/promises';
import { type App, type Receiver, SocketModeReceiver, type webApi } from '@slack/bolt';
import type { Logger } from 'pino';
import { SlackSetupError } from '../identity.ts';
import { boltLogger } from './bolt-logger.ts';
import { isLockedOut, type SlackError, toSlackError } from './slack-error.ts';

/** Slack says hello at once; a connection that stays silent is broken. */
const HELLO_MS = 20_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

/**
 * Socket Mode, reconnected by us. The SDK's own reconnection waits five seconds after Slack asks for a fresh connection,
 * in which every command fails, and stopping while it waits for a hello ends the process with an unhandled rejection
 * (@slack/socket-mode 3.1.0). So the SDK connects once, and this loop connects again.
 */
export class SocketConnection implements Receiver {
  private readonly receiver: SocketModeReceiver;
  private readonly log: Logger;
  private readonly onLockedOut: (error: SlackSetupError) => void;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  /** `onLockedOut` hears that Slack no longer takes the token: there is no further reconnection. */
  constructor(options: {
    appToken: string;
    clientOptions: webApi.WebClientOptions;
    log: Logger;
    onLockedOut: (error: SlackSetupError) => void;
  }) {
    this.log = options.log;
    this.onLockedOut = options.onLockedOut;
    this.receiver = new SocketModeReceiver({
      appToken: options.appToken,
      logger: boltLogger(options.log),
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: options.clientOptions },
      customPropertiesExtractor: () => ({ receivedAt: performance.now() }),
    });
  }

  init(app: App): void {
    this.receiver.init(app);
  }

  /** Resolves once Slack has said hello; rejects with a `SlackSetupError` where the first connection fails. */
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

  private async stayConnected(): Promise<void> {
    let wait = 0;
    while (!this.stopping.signal.aborted) {
      try {
        if (wait === 0) await this.disconnected();
        if (this.stopping.signal.aborted) return;
        await sleep(wait, undefined, { signal: this.stopping.signal });
        await this.connect();
        wait = 0;
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        const cause = toSlackError('apps.connections.open', error);
        if (isLockedOut(cause)) return this.onLockedOut(explainSocket(cause));
        wait = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, wait * 2));
        this.log.warn({ error }, `Slack's Socket Mode could not be reached; trying again in ${wait / 1000} s`);
      }
    }
  }

  private async disconnected(): Promise<void> {
    const { client } = this.receiver;
    await new Promise<void>((resolve) => {
      client.once('disconnected', () => resolve());
      this.stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** What mends a refusal of the app-level token, or of Socket Mode. */
export function explainSocket(error: SlackError): SlackSetupError {
  if (error.kind !== 'refused') return new SlackSetupError(`Slack’s Socket Mode cannot be reached: ${error.code}.`);
  return new SlackSetupError(
    `Slack refuses SLACK_APP_TOKEN (${error.code}): it must be an app-level token (xapp-…) with the scope connections:write, from the app’s page “Basic Information”, and Socket Mode must be switched on.`,
  );
}
