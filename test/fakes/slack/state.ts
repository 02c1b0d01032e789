import type { Clock } from '../clock.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface User {
  readonly id: string;
  readonly name: string;
  readonly isAdmin: boolean;
  /** Another workspace, whose channel is shared with this one; absent: this one. */
  readonly team?: string;
  readonly isBot: boolean;
  readonly locale: string;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  kind: 'public' | 'private' | 'im';
  /** User ids; the bot's own among them where it has been invited. */
  readonly members: Set<string>;
  archived: boolean;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  text: string;
  blocks: readonly Json[];
  readonly threadTs: string | null;
  /** Only this person sees it; Slack forgets it, and the API cannot change it. */
  readonly ephemeralTo: string | null;
  files: string[];
  edits: number;
  deleted: boolean;
  readonly reactions: Map<string, Set<string>>;
  /** `parse` and `link_names` as posted: whether @here in plain text would ping. */
  readonly linkNames: boolean;
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly length: number;
  readonly altText: string;
  readonly owner: string;
  title: string;
  bytes: Uint8Array | null;
  /** Bytes may come, have come, or the upload has been completed. */
  state: 'reserved' | 'uploaded' | 'complete' | 'deleted';
  /** When processing is over and a block may show it, in the fake's milliseconds. */
  readyAt: number;
  completions: number;
}

export interface View {
  readonly id: string;
  readonly user: string;
  hash: string;
  body: Json;
  open: boolean;
}

/** Everything that a workspace remembers. */
export class Workspace {
  readonly team = { id: 'T0EASEL01', name: 'Studio', domain: 'studio' };
  readonly appId = 'A0EASEL01';
  readonly bot: User = { id: 'U0EASEL01', name: 'easel', isAdmin: false, isBot: true, locale: 'en-US' };
  readonly botId = 'B0EASEL01';
  readonly users = new Map<string, User>();
  readonly channels = new Map<string, Channel>();
  /** User groups and who is in them. */
  readonly userGroups = new Map<string, Set<string>>();
  readonly messages: Message[] = [];
  readonly files = new Map<string, StoredFile>();
  readonly views: View[] = [];
  /** What each person's Home tab shows. */
  readonly homes = new Map<string, Json>();
  private serial = 0;
  private lastTs = 0;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
    this.users.set(this.bot.id, this.bot);
  }

  /** An id as Slack makes them: a letter and capitals or digits. */
  id(prefix: string): string {
    this.serial += 1;
    return `${prefix}0${this.serial.toString(36).toUpperCase().padStart(8, '0')}`;
  }

  /** A message's time stamp, which is also its name in its channel: never the same twice. */
  ts(): string {
    this.lastTs = Math.max(this.lastTs + 1, Math.floor(this.clock.now() * 1000));
    return `${Math.floor(this.lastTs / 1e6)}.${String(this.lastTs % 1e6).padStart(6, '0')}`;
  }

  addUser(name: string, options: { admin?: boolean; locale?: string; bot?: boolean; team?: string } = {}): User {
    const user: User = {
      id: this.id('U'),
      name,
      isAdmin: options.admin ?? false,
      ...(options.team !== undefined && { team: options.team }),
      isBot: options.bot ?? false,
      locale: options.locale ?? 'en-US',
    };
    this.users.set(user.id, user);
    return user;
  }

  addChannel(name: string, kind: Channel['kind'] = 'public', botIsMember = true): Channel {
    const channel: Channel = {
      id: this.id(kind === 'im' ? 'D' : kind === 'private' ? 'G' : 'C'),
      name,
      kind,
      members: new Set(botIsMember ? [this.bot.id] : []),
      archived: false,
    };
    this.channels.set(channel.id, channel);
    return channel;
  }

  /** The direct conversation of this person with the bot. */
  im(user: string): Channel {
    const name = `im:${user}`;
    const known = [...this.channels.values()].find((channel) => channel.name === name);
    if (known) return known;
    const channel = this.addChannel(name, 'im');
    channel.members.add(user);
    return channel;
  }

  post(message: Partial<Message> & { readonly channel: string; readonly user: string }): Message {
    const posted: Message = {
      ts: this.ts(),
      text: '',
      blocks: [],
      threadTs: null,
      ephemeralTo: null,
      files: [],
      edits: 0,
      deleted: false,
      reactions: new Map(),
      linkNames: false,
      ...message,
    };
    this.messages.push(posted);
    return posted;
  }

  find(channel: string, ts: string): Message | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts && !message.deleted);
  }
}
