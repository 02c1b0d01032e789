import type { Clock } from '../clock.ts';
import { post, sign } from './signed-http.ts';
import type { SocketMode } from './socket-mode.ts';
import type { Json } from './state.ts';

/** The app must acknowledge within this. */
const ACKNOWLEDGE_MS = 3000;
/** An event that was not acknowledged comes again at once, after a minute and after five. */
const RETRY_AFTER_MS = [0, 60_000, 300_000];

export interface Acknowledgement {
  readonly acknowledged: boolean;
  /** What the app answered with: an ephemeral text, a view's errors. */
  readonly payload: Json;
  readonly milliseconds: number;
}

interface DeliveryOptions {
  readonly clock: Clock;
  readonly socketMode: SocketMode;
  readonly signingSecret: string;
  /** Where signed requests go; null: Socket Mode. */
  readonly requestUrl: () => string | null;
}

/** Brings what people do to the app, over Socket Mode or signed HTTP. */
export class Delivery {
  /** How often each event, command or press is delivered, acknowledged or not (a fault of Slack's: "triple delivery"). */
  copies = 1;
  /** Every acknowledgement, in order. */
  readonly acknowledgements: Acknowledgement[] = [];
  private readonly signed = new Map<string, number>();
  private last: () => Promise<Acknowledgement> = () => Promise.reject(new Error('nobody has done anything yet'));
  private readonly options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.options = options;
  }

  command(payload: Json): Promise<Acknowledgement> {
    return this.repeat(() => this.once('slash_commands', payload, {}));
  }

  interaction(payload: Json): Promise<Acknowledgement> {
    return this.repeat(() => this.once('interactive', payload, {}));
  }

  /** An Events API event, retried while it is not acknowledged. */
  event(payload: Json): Promise<Acknowledgement> {
    return this.repeat(() => this.attempt(payload, 0));
  }

  /** Delivers the last event, command or press once more, as Slack does when it is in doubt. */
  again(): Promise<Acknowledgement> {
    return this.last();
  }

  private async repeat(send: () => Promise<Acknowledgement>): Promise<Acknowledgement> {
    this.last = send;
    const [first] = await Promise.all(Array.from({ length: this.copies }, send));
    if (!first) throw new Error('copies must be at least 1');
    return first;
  }

  private async attempt(payload: Json, retry: number): Promise<Acknowledgement> {
    const outcome = await this.once('events_api', payload, {
      retry_attempt: retry,
      retry_reason: retry === 0 ? '' : 'timeout',
    });
    const wait = RETRY_AFTER_MS[retry];
    if (!outcome.acknowledged && wait !== undefined) {
      this.options.clock.after(wait, () => void this.attempt(payload, retry + 1));
    }
    return outcome;
  }

  private async once(
    kind: 'events_api' | 'slash_commands' | 'interactive',
    payload: Json,
    retry: Json,
  ): Promise<Acknowledgement> {
    const started = performance.now();
    const url = this.options.requestUrl();
    const answer =
      url === null ? await this.overSocket(kind, payload, retry) : await this.overHttp(url, kind, payload, retry);
    const acknowledgement = {
      acknowledged: answer !== null,
      payload: answer ?? {},
      milliseconds: performance.now() - started,
    };
    this.acknowledgements.push(acknowledgement);
    return acknowledgement;
  }

  /** Every sending is signed anew, so no two of the same body carry the same signature: that would be a replay. */
  private timestampFor(body: string): number {
    const timestamp = Math.max(this.options.clock.seconds(), (this.signed.get(body) ?? 0) + 1);
    this.signed.set(body, timestamp);
    return timestamp;
  }

  private overSocket(
    kind: 'events_api' | 'slash_commands' | 'interactive',
    payload: Json,
    retry: Json,
  ): Promise<Json | null> {
    return this.options.socketMode.send(kind, payload, retry, (timeout) =>
      this.options.clock.after(ACKNOWLEDGE_MS, timeout),
    );
  }

  private async overHttp(url: string, kind: string, payload: Json, retry: Json): Promise<Json | null> {
    const [body, type] =
      kind === 'events_api'
        ? [JSON.stringify(payload), 'application/json']
        : [
            new URLSearchParams(
              kind === 'slash_commands'
                ? Object.entries(payload).map(([key, value]): [string, string] => [key, String(value)])
                : { payload: JSON.stringify(payload) },
            ).toString(),
            'application/x-www-form-urlencoded',
          ];
    const signed = sign(body, type, this.options.signingSecret, this.timestampFor(body));
    if (typeof retry.retry_attempt === 'number' && retry.retry_attempt > 0) {
      signed.headers['x-slack-retry-num'] = String(retry.retry_attempt);
      signed.headers['x-slack-retry-reason'] = String(retry.retry_reason);
    }
    const response = await post(url, signed);
    if (response === null || response.status !== 200) return null;
    return response.text.startsWith('{') ? (JSON.parse(response.text) as Json) : { text: response.text };
  }
}
