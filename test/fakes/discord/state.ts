import { EventEmitter } from 'node:events';
import { ChannelType, PermissionFlagsBits } from 'discord.js';
import type { Clock } from '../clock.ts';
import { Snowflakes } from './snowflake.ts';

export type Json = Record<string, unknown>;

export interface User {
  readonly id: string;
  readonly name: string;
  readonly bot: boolean;
  readonly locale: string;
  /** Takes messages from people who are no friends. */
  dmsOpen: boolean;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
}

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly locale: string;
  readonly roles: Map<string, Role>;
  /** User id -> ids of roles. */
  readonly members: Map<string, Set<string>>;
}

export interface Channel {
  readonly id: string;
  /** null: a direct conversation. */
  readonly guild: string | null;
  readonly name: string;
  readonly type: ChannelType;
  readonly nsfw: boolean;
  readonly parent: string | null;
  readonly recipients: readonly string[];
  archived: boolean;
  deleted: boolean;
  /** Denied to the bot here, whatever its roles allow. */
  deniedToBot: bigint;
}

export interface Attachment {
  readonly id: string;
  readonly filename: string;
  readonly description: string | null;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly channel: string;
  readonly createdAt: number;
}

export interface Message {
  readonly id: string;
  readonly channel: string;
  readonly author: string;
  /** Message types of the API: 0 plain, 19 a reply, 20 a slash command's answer, 23 a message command's. */
  readonly type: number;
  content: string;
  embeds: readonly Json[];
  components: readonly Json[];
  attachments: readonly Attachment[];
  flags: number;
  /** Only this person sees it. */
  readonly ephemeralFor: string | null;
  readonly reference: string | null;
  /** The message that this one forwards. */
  readonly forwards?: Message;
  readonly nonce: string | null;
  /** The interaction that it answers. */
  readonly interaction: { readonly id: string; readonly user: string; readonly command: string | null } | null;
  /** Whom it notified when it was created. */
  readonly notified: Set<string>;
  /** Whom it or any edit of it could have notified. */
  readonly pings: Set<string>;
  readonly reactions: Map<string, Set<string>>;
  readonly createdAt: number;
  edits: number;
  deleted: boolean;
}

/** Message flags of the API. */
export const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;

const EVERYONE_MAY =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.SendMessagesInThreads |
  PermissionFlagsBits.ReadMessageHistory |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.AddReactions |
  PermissionFlagsBits.UseApplicationCommands;

/** All that this Discord knows. Emits `change` whenever a message or an interaction changes. */
export class World extends EventEmitter {
  readonly users = new Map<string, User>();
  readonly guilds = new Map<string, Guild>();
  readonly channels = new Map<string, Channel>();
  readonly messages: Message[] = [];
  readonly attachments = new Map<string, Attachment>();
  readonly ids: Snowflakes;
  readonly application: string;
  readonly bot: User;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    super();
    this.setMaxListeners(0);
    this.clock = clock;
    this.ids = new Snowflakes(clock);
    this.bot = this.addUser('Easel', { bot: true });
    // A bot's user and its application share one id.
    this.application = this.bot.id;
  }

  now(): number {
    return this.clock.now();
  }

  changed(): void {
    this.emit('change');
  }

  addUser(name: string, options: { bot?: boolean; locale?: string } = {}): User {
    const { bot = false, locale = 'en-US' } = options;
    const user = { id: this.ids.next(), name, bot, locale, dmsOpen: true };
    this.users.set(user.id, user);
    return user;
  }

  /** A guild with the bot and `owner` in it; the role for everyone has the guild's own id. */
  addGuild(name: string, owner: User, options: { locale?: string } = {}): Guild {
    const id = this.ids.next();
    const guild: Guild = {
      id,
      name,
      owner: owner.id,
      locale: options.locale ?? 'en-US',
      roles: new Map([[id, { id, name: '@everyone', permissions: EVERYONE_MAY }]]),
      members: new Map([
        [this.bot.id, new Set<string>()],
        [owner.id, new Set<string>()],
      ]),
    };
    this.guilds.set(id, guild);
    return guild;
  }

  addRole(guild: Guild, name: string, permissions = 0n): Role {
    const role = { id: this.ids.next(), name, permissions };
    guild.roles.set(role.id, role);
    return role;
  }

  addChannel(
    guild: Guild | null,
    name: string,
    options: { type?: ChannelType; nsfw?: boolean; parent?: string; recipients?: readonly string[] } = {},
  ): Channel {
    const channel: Channel = {
      id: this.ids.next(),
      guild: guild?.id ?? null,
      name,
      type: options.type ?? (guild === null ? ChannelType.DM : ChannelType.GuildText),
      nsfw: options.nsfw ?? false,
      parent: options.parent ?? null,
      recipients: options.recipients ?? [],
      archived: false,
      deleted: false,
      deniedToBot: 0n,
    };
    this.channels.set(channel.id, channel);
    return channel;
  }

  /** The conversation between the bot and this person. */
  directChannel(user: string): Channel {
    const known = [...this.channels.values()].find(
      ({ guild, recipients }) => guild === null && recipients.length === 1 && recipients[0] === user,
    );
    return known ?? this.addChannel(null, 'direct', { recipients: [user] });
  }

  message(channel: string, id: string): Message | undefined {
    return this.messages.find((message) => message.id === id && message.channel === channel && !message.deleted);
  }

  user(id: string): User {
    const user = this.users.get(id);
    if (user === undefined) throw new Error(`The fake Discord has no user ${id}.`);
    return user;
  }

  channel(id: string): Channel {
    const channel = this.channels.get(id);
    if (channel === undefined) throw new Error(`The fake Discord has no channel ${id}.`);
    return channel;
  }
}
