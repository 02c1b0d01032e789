import { once } from 'node:events';
import { CANARY } from '../../canary.ts';
import { Clock } from '../clock.ts';
import { Delivery } from './delivery.ts';
import { Faults } from './faults.ts';
import type { MethodContext } from './method.ts';
import { Person, type PersonContext } from './person.ts';
import { RateLimits } from './rate-limits.ts';
import { ResponseUrls } from './response-urls.ts';
import { SocketMode } from './socket-mode.ts';
import { type Channel, type Message, Workspace } from './state.ts';
import { messageLines, pings, transcript } from './transcript.ts';
import { createWebApi, type RecordedCall, type Tokens } from './web-api.ts';

export const BOT_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'channels:read',
  'im:history',
  'im:write',
  'reactions:read',
  'usergroups:read',
  'users:read',
] as const;

const TOKENS: Tokens = { bot: `xoxb-${CANARY}-bot`, app: `xapp-${CANARY}-app` };
const SIGNING_SECRET = `${CANARY}-signing-secret`;

/** A Slack workspace on loopback that real @slack/bolt connects to. */
export class FakeSlack {
  readonly clock = new Clock();
  readonly workspace = new Workspace(this.clock);
  readonly faults = new Faults();
  readonly rates = new RateLimits(this.clock);
  readonly socketMode = new SocketMode(this.workspace.appId);
  readonly responseUrls = new ResponseUrls(this.workspace, this.clock);
  readonly botScopes = new Set<string>(BOT_SCOPES);
  readonly tokens = TOKENS;
  readonly signingSecret = SIGNING_SECRET;
  /** Every call of the Web API, in order. */
  readonly calls: RecordedCall[] = [];
  /** Where signed requests go; null: Socket Mode. */
  requestUrl: string | null = null;
  readonly delivery = new Delivery({
    clock: this.clock,
    socketMode: this.socketMode,
    signingSecret: SIGNING_SECRET,
    requestUrl: () => this.requestUrl,
  });
  private address = '';
  private readonly methods: MethodContext;
  private readonly server;

  constructor() {
    const fake = this;
    this.methods = {
      workspace: this.workspace,
      clock: this.clock,
      get base() {
        return fake.address;
      },
      openSocket: () => `${fake.address.replace(/^http/, 'ws')}/link?ticket=${fake.socketMode.ticket()}`,
    };
    this.server = createWebApi({
      context: this.methods,
      tokens: TOKENS,
      botScopes: this.botScopes,
      faults: this.faults,
      rates: this.rates,
      responseUrls: this.responseUrls,
      calls: this.calls,
    });
    this.server.on('upgrade', (request, socket, head) => this.socketMode.upgrade(request, socket, head));
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no address');
    this.address = `http://127.0.0.1:${address.port}`;
  }

  /** From now on the addresses that it tells lead to this port of loopback, where something passes them on. */
  standBehind(port: number): void {
    this.address = `http://127.0.0.1:${port}`;
  }

  /** What `SLACK_API_URL` takes. */
  get apiUrl(): string {
    return `${this.address}/api/`;
  }

  /** The environment of a program that is to be this app in Socket Mode. */
  get environment(): Readonly<Record<string, string>> {
    return { SLACK_BOT_TOKEN: this.tokens.bot, SLACK_APP_TOKEN: this.tokens.app, SLACK_API_URL: this.apiUrl };
  }

  person(name: string, options: { admin?: boolean; locale?: string; bot?: boolean; team?: string } = {}): Person {
    const context: PersonContext = {
      workspace: this.workspace,
      clock: this.clock,
      delivery: this.delivery,
      responseUrls: this.responseUrls,
      methods: this.methods,
    };
    return new Person(this.workspace.addUser(name, options), context);
  }

  channel(name: string, kind: 'public' | 'private' = 'public', botIsMember = true): Channel {
    return this.workspace.addChannel(name, kind, botIsMember);
  }

  /** As its admins do who make it private and do not want the bot there. */
  closeToBot(channel: Channel): void {
    channel.kind = 'private';
    channel.members.delete(this.workspace.bot.id);
  }

  /** A channel as this person reads it. */
  transcript(channel: Channel, viewer: Person): string {
    return transcript(this.workspace, channel.id, viewer.id);
  }

  /** The bot's messages in a channel that still stand, oldest first. */
  posts(channel: Channel): Message[] {
    return this.workspace.messages.filter(
      (message) => message.channel === channel.id && message.user === this.workspace.bot.id && !message.deleted,
    );
  }

  text(message: Message): string {
    return messageLines(message, this.workspace).join('\n');
  }

  pings(message: Message): string[] {
    return pings(message);
  }

  callsOf(method: string): RecordedCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Resolves with what `look` finds, looking again and again. Rejects after `seconds`, telling what was seen. */
  async until<Found>(look: () => Found | undefined | null | false, what: string, seconds = 15): Promise<Found> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== null && found !== false) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`never came: ${what}\n${this.everything()}`);
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, 20)));
    }
  }

  async close(): Promise<void> {
    this.clock.stop();
    this.socketMode.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private everything(): string {
    return this.workspace.messages
      .filter((message) => !message.deleted)
      .map((message) => `${message.channel} ${message.ephemeralTo ?? ''} ${this.text(message)}`)
      .join('\n');
  }
}

export async function startFakeSlack(): Promise<FakeSlack> {
  const fake = new FakeSlack();
  await fake.listen();
  return fake;
}
