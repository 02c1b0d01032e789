import { App } from '@slack/bolt';
import type { Logger } from 'pino';
import type { JobProgress } from '../../commands/job.ts';
import type { DeliveredMessage, OutgoingDelivery, Platform, PlatformHost } from '../platform.ts';
import { within } from '../within.ts';
import { listen } from './acts/listen.ts';
import { NameBook } from './acts/names.ts';
import { People } from './acts/people.ts';
import { Requests } from './acts/requests.ts';
import { Answers } from './answers/answers.ts';
import { Deliveries } from './answers/delivery.ts';
import { isDirect, keyOf, Outbound } from './answers/outbound.ts';
import { ChannelPace, ProgressEdits } from './answers/pace.ts';
import { Placeholders, renderProgress } from './answers/placeholders.ts';
import { Previews } from './answers/previews.ts';
import { replyToSchema } from './answers/reply-to.ts';
import { identify } from './identity.ts';
import { phrasesFor } from './phrases.ts';
import { clientOptions, SlackApi, type SlackApiTimes } from './transport/api.ts';
import { boltLogger, quietLogger } from './transport/bolt-logger.ts';
import { HttpReceiver } from './transport/http-receiver.ts';
import { RecentlySeen } from './transport/recently-seen.ts';
import { SocketConnection } from './transport/socket-connection.ts';

/** What the operator sets: a signing secret and a port mean signed HTTP, an app token means Socket Mode. */
export interface SlackConfig {
  readonly botToken: string;
  readonly appToken?: string | undefined;
  readonly signingSecret?: string | undefined;
  /** Another server that speaks Slack's Web API. */
  readonly apiUrl?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

const DEFAULT_PORT = 3001;
/** Placeholders that Slack has not let us post by then are not posted; the outbox delivers without them. */
const FINISH_MS = 10_000;
/** Slack's last retry comes five minutes after the first; an hour covers a person's second thoughts, too. */
const EVENT_MEMORY = { lifetimeMs: 60 * 60_000, capacity: 50_000 };

export interface SlackPlatformOptions {
  readonly config: SlackConfig;
  readonly log: Logger;
  readonly now?: () => number;
  /** How Slack's calls are timed. */
  readonly times?: SlackApiTimes;
}

export function createSlackPlatform(options: SlackPlatformOptions): SlackPlatform {
  return new SlackPlatform(options);
}

/** Slack, over Socket Mode or signed HTTP, by Bolt. */
export class SlackPlatform implements Platform {
  readonly id = 'slack';
  /** Where signed HTTP listens, once started. */
  port: number | null = null;
  private readonly config: SlackConfig;
  private readonly log: Logger;
  private readonly now: () => number;
  private readonly edits = new ProgressEdits();
  private readonly placeholders = new Placeholders();
  private readonly api: SlackApi;
  private readonly previews: Previews;
  private readonly outbound: Outbound;
  private readonly deliveries: Deliveries;
  private receiver: SocketConnection | HttpReceiver | undefined;
  private requests: Requests | undefined;
  private stopped: Promise<void> | undefined;

  constructor({ config, log, now = Date.now, times }: SlackPlatformOptions) {
    this.config = config;
    this.log = log;
    this.now = now;
    this.api = new SlackApi(config.botToken, clientOptions(config.apiUrl, quietLogger(log)), times);
    this.outbound = new Outbound(this.api, new ChannelPace());
    this.previews = new Previews(this.api);
    const { outbound, edits, placeholders, previews } = this;
    this.deliveries = new Deliveries({ outbound, edits, placeholders, previews });
  }

  async start(host: PlatformHost): Promise<void> {
    const { api, outbound, placeholders, log, config } = this;
    const identity = await identify(api, (line) => log.warn(line));
    const onLockedOut = (error: Error): void => {
      log.fatal(error.message);
      host.giveUp(error);
    };
    const receiver = this.createReceiver(onLockedOut);
    const app = new App({
      token: config.botToken,
      botId: identity.botId,
      botUserId: identity.botUser,
      receiver,
      logger: boltLogger(log),
      clientOptions: clientOptions(config.apiUrl, boltLogger(log)),
      convoStore: false,
      tokenVerificationEnabled: false,
    });
    app.error(async (error) => log.error({ error }, 'An event of Slack could not be handled'));
    const people = new People(api, identity.team);
    const answers = new Answers({ api, outbound, people, host, apiUrl: config.apiUrl, log });
    const seen = new RecentlySeen({ ...EVENT_MEMORY, now: this.now });
    const requests = new Requests({ team: identity.team, host, people, answers, placeholders, seen, log });
    const { botToken, apiUrl } = config;
    const names = new NameBook(api, people);
    listen({ app, host, api, outbound, people, names, requests, botToken, apiUrl, ...identity, log });
    this.requests = requests;
    this.receiver = receiver;
    if (receiver instanceof HttpReceiver) this.port = await receiver.start();
    else await receiver.start();
  }

  stop(): Promise<void> {
    this.stopped ??= this.finish();
    return this.stopped;
  }

  async progress(
    replyTo: unknown,
    progress: JobProgress,
    isWanted: () => Promise<boolean> = async () => true,
  ): Promise<void> {
    const known = replyToSchema.safeParse(replyTo);
    if (!known.success) return;
    const placeholder = await this.placeholders.of(known.data);
    if (placeholder === null) return;
    const key = keyOf(placeholder);
    if (progress.state === 'finished') return this.edits.close(key);
    const phrases = phrasesFor(known.data.locale);
    const requester = isDirect(placeholder.channel) ? null : known.data.name;
    const running = progress.state === 'running' ? progress : null;
    this.edits.offer(key, async () => {
      if (!(await isWanted())) return;
      const done = running === null ? 1 : running.step / Math.max(1, running.steps);
      const preview = await this.previews.next(key, running?.preview, done);
      // A preview's upload takes its time, in which the answer may have come.
      const content = renderProgress(placeholder, progress, phrases, requester, preview);
      await this.outbound.update(placeholder, content, isWanted);
      await this.previews.tidy(key, false);
    });
  }

  deliver(delivery: OutgoingDelivery): Promise<DeliveredMessage> {
    return this.deliveries.deliver(delivery);
  }

  private createReceiver(onLockedOut: (error: Error) => void): SocketConnection | HttpReceiver {
    const { appToken, signingSecret, apiUrl, host = '127.0.0.1', port } = this.config;
    if (signingSecret !== undefined && (port !== undefined || appToken === undefined)) {
      return new HttpReceiver({ signingSecret, host, port: port ?? DEFAULT_PORT, log: this.log, now: this.now });
    }
    if (appToken !== undefined) {
      const options = clientOptions(apiUrl, boltLogger(this.log));
      return new SocketConnection({ appToken, clientOptions: options, log: this.log, onLockedOut });
    }
    throw new Error(
      'Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP) beside SLACK_BOT_TOKEN.',
    );
  }

  private async finish(): Promise<void> {
    await this.receiver?.stop();
    if (this.requests !== undefined) await within(FINISH_MS, this.requests.settled()).catch(() => {});
    this.edits.stop();
  }
}
