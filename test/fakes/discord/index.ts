import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ChannelType, GatewayIntentBits } from 'discord.js';
import { CANARY } from '../../canary.ts';
import { Clock } from '../clock.ts';
import { CommandRegistry } from './commands.ts';
import { Faults } from './faults.ts';
import { Gateway } from './gateway.ts';
import { channelJson, guildJson, roleJson, threads } from './guild-json.ts';
import { createApiServer, type RecordedCall } from './http.ts';
import { Interactions } from './interactions.ts';
import { userJson } from './messages.ts';
import { Person } from './person.ts';
import { RateLimits } from './rate-limits.ts';
import { applicationRoutes } from './routes/application.ts';
import { channelRoutes } from './routes/channels.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { type Channel, type Guild, type Role, World } from './state.ts';

/** An attachment's address is good for so long. */
const ATTACHMENT_LIFETIME_MS = 24 * 60 * 60_000;

/** Discord on loopback, REST and gateway, that real discord.js connects to. */
export class FakeDiscord {
  readonly clock = new Clock();
  readonly world = new World(this.clock);
  readonly faults = new Faults();
  readonly rates = new RateLimits(this.clock);
  readonly commands = new CommandRegistry(this.world);
  readonly interactions = new Interactions(this.world, this.clock);
  readonly gateway: Gateway;
  /** Every call of the REST API, in order. */
  readonly calls: RecordedCall[] = [];
  /** What an operator puts into the configuration; another token is refused. */
  token = `fake.${CANARY}.token`;
  /** How many shards are recommended to the bot. */
  shards = 1;
  private address = '';
  private readonly server;

  constructor() {
    this.gateway = new Gateway({
      token: () => this.token,
      url: () => this.gatewayUrl,
      application: this.world.application,
      ready: (onShard) => ({
        user: userJson(this.world.bot),
        guilds: [...this.world.guilds.values()]
          .filter(({ id }) => onShard(id))
          .map((guild) => guildJson(this.world, guild)),
      }),
    });
    const context = {
      world: this.world,
      interactions: this.interactions,
      commands: this.commands,
      base: () => this.address,
      gatewayUrl: () => this.gatewayUrl,
      shards: () => this.shards,
      identifyConcurrency: () => this.gateway.identifyConcurrency,
    };
    this.server = createApiServer({
      routes: [...channelRoutes(context), ...interactionRoutes(context), ...applicationRoutes(context)],
      token: () => this.token,
      faults: this.faults,
      rates: this.rates,
      calls: this.calls,
      attachment: (path) => this.attachment(path),
    });
    this.server.on('upgrade', (request, socket, head) => this.gateway.upgrade(request, socket, head));
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const { port } = this.server.address() as AddressInfo;
    this.address = `http://127.0.0.1:${port}`;
  }

  /** From now on the addresses that it tells lead to this port of loopback, where something passes them on. */
  standBehind(port: number): void {
    this.address = `http://127.0.0.1:${port}`;
  }

  /** What `DISCORD_API_URL` takes. */
  get apiUrl(): string {
    return `${this.address}/api`;
  }

  get applicationId(): string {
    return this.world.application;
  }

  /** The environment of a program that is to be this bot. */
  get environment(): Readonly<Record<string, string>> {
    return { DISCORD_TOKEN: this.token, DISCORD_APPLICATION_ID: this.applicationId, DISCORD_API_URL: this.apiUrl };
  }

  guild(name: string, options: { locale?: string } = {}): Guild {
    return this.world.addGuild(name, this.world.addUser(`owner of ${name}`), options);
  }

  channel(guild: Guild, name: string, options: { type?: ChannelType; nsfw?: boolean; parent?: string } = {}): Channel {
    const channel = this.world.addChannel(guild, name, options);
    const event = threads.includes(channel.type) ? 'THREAD_CREATE' : 'CHANNEL_CREATE';
    this.gateway.dispatch(event, channelJson(channel), { guild: guild.id, intent: GatewayIntentBits.Guilds });
    return channel;
  }

  /** As its admin deletes it, with everything in it. */
  deleteChannel(channel: Channel): void {
    channel.deleted = true;
    for (const message of this.world.messages) if (message.channel === channel.id) message.deleted = true;
    const event = threads.includes(channel.type) ? 'THREAD_DELETE' : 'CHANNEL_DELETE';
    this.gateway.dispatch(event, channelJson(channel), { guild: channel.guild, intent: GatewayIntentBits.Guilds });
    this.world.changed();
  }

  role(guild: Guild, name: string, permissions = 0n): Role {
    const role = this.world.addRole(guild, name, permissions);
    const data = { guild_id: guild.id, role: roleJson(role) };
    this.gateway.dispatch('GUILD_ROLE_CREATE', data, { guild: guild.id, intent: GatewayIntentBits.Guilds });
    return role;
  }

  /** Someone in a channel of a guild; `permissions` come by a role of their own. */
  person(
    name: string,
    channel: Channel,
    options: { permissions?: bigint; locale?: string; bot?: boolean } = {},
  ): Person {
    const user = this.world.addUser(name, options);
    const guild = channel.guild === null ? undefined : this.world.guilds.get(channel.guild);
    if (guild !== undefined) {
      const role = options.permissions === undefined ? null : this.role(guild, name, options.permissions);
      guild.members.set(user.id, new Set(role === null ? [] : [role.id]));
    }
    return new Person(user, channel, {
      world: this.world,
      interactions: this.interactions,
      commands: this.commands,
      base: () => this.address,
      dispatch: (...event) => this.gateway.dispatch(...event),
    });
  }

  callsTo(method: string, path: RegExp): RecordedCall[] {
    return this.calls.filter((call) => call.method === method && path.test(call.path));
  }

  /** Resolves with what `look` finds; looks again after every change. Rejects after `seconds`. */
  async until<Found>(look: () => Found | undefined | null | false, what: string, seconds = 15): Promise<Found> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== null && found !== false) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`never came: ${what}`);
      await Promise.race([
        once(this.world, 'change'),
        new Promise((resolve) => setTimeout(resolve, Math.min(left, 25))),
      ]);
    }
  }

  async close(): Promise<void> {
    this.clock.stop();
    this.gateway.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private get gatewayUrl(): string {
    return this.address.replace(/^http/, 'ws');
  }

  private attachment(path: string): { bytes: Uint8Array; contentType: string } | null {
    const id = /^\/attachments\/\d+\/(\d+)\//.exec(path)?.[1];
    const found = id === undefined ? undefined : this.world.attachments.get(id);
    if (found === undefined || this.clock.now() - found.createdAt > ATTACHMENT_LIFETIME_MS) return null;
    return found;
  }
}

export async function startFakeDiscord(): Promise<FakeDiscord> {
  const fake = new FakeDiscord();
  await fake.listen();
  return fake;
}
