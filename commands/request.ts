import { z } from 'zod';
import {
  channelIdSchema,
  eventIdSchema,
  type GuildId,
  guildIdSchema,
  type messageIdSchema,
  type PlatformId,
  platformIdSchema,
  type RequestId,
  requestIdSchema,
  roleIdSchema,
  userIdSchema,
} from './ids.ts';
import { en } from './locale/en.ts';
import type { Messages } from './locale/index.ts';
import type { Mention } from './reply.ts';
import { shortDigest } from './short-digest.ts';

/** Where a request came from. `event` makes a repeated delivery of the same event harmless. */
export const originSchema = z.strictObject({
  platform: platformIdSchema,
  guild: guildIdSchema,
  channel: channelIdSchema,
  user: userIdSchema,
  event: eventIdSchema,
});
export type Origin = z.infer<typeof originSchema>;

/** The event that asked for something. */
export interface RequestEvent {
  readonly platform: PlatformId;
  readonly event: string;
}

/** The short id of what an event asked for. */
export function requestIdOf({ platform, event }: RequestEvent): RequestId {
  const name = shortDigest(`${platform}:${event}`, 8);
  return requestIdSchema.parse(`${name.slice(0, 4)}-${name.slice(4)}`);
}

/** Who asks, as the platform's server vouches for it: never as a client claims. */
export const actorSchema = z.strictObject({
  name: z.string().max(200),
  roles: z.array(roleIdSchema),
  /** May manage this guild. */
  admin: z.boolean(),
  /** BCP 47, as the platform gives it. */
  locale: z.string().max(20),
});
export type Actor = z.infer<typeof actorSchema>;

/** The place's own rules, as the platform tells them. */
export const placeSchema = z.strictObject({
  ageRestricted: z.boolean(),
  /** A direct conversation with the bot. */
  direct: z.boolean(),
  /** What the channel belongs to, the nearest first: of a thread its channel or forum, of these their category. */
  within: z.array(channelIdSchema).exactOptional(),
});
export type Place = z.infer<typeof placeSchema>;

/** A file that came with the request; the adapter has not fetched it yet. */
export interface Attachment {
  readonly name: string;
  readonly contentType: string | null;
  readonly byteLength: number | null;
  /** Fetches it from the platform's own host, with its caps; rejects with a `UserError`. */
  fetch(): Promise<Uint8Array>;
}

/**
 * One thing that a person asked, from a slash command, a button, a reaction, a form or a shortcut alike: pressing a
 * button is running the command that the button names with the button's target as its options.
 */
export interface CommandRequest {
  readonly origin: Origin;
  readonly actor: Actor;
  readonly place: Place;
  readonly command: string;
  /** Option values by name, as the platform gave them; the command's schema parses them. Attachments are `Attachment`s. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The message that was pressed, reacted to or picked from the menu. */
  readonly message?: {
    readonly channel: z.infer<typeof channelIdSchema>;
    readonly id: z.infer<typeof messageIdSchema>;
    /** It was forwarded to where the person is: the platform shows them what it shows, wherever it stands itself. */
    readonly forwarded?: boolean;
  };
  /** The adapter's own handle for answering later (an interaction token, a thread's timestamp): JSON, kept with the job. */
  readonly replyTo: unknown;
}

/** Stands for all personal places together: what an operator's settings for them are kept under. Discord's notation. */
export const PERSONAL_GUILDS = guildIdSchema.parse('@me');

/**
 * What belongs to no guild that Easel is in: direct and group conversations, and guilds where it is only a person's own app.
 * Each person has a place of their own, in the line as in the history.
 */
export function personalGuild(user: string): GuildId {
  return guildIdSchema.parse(`${PERSONAL_GUILDS}:${user}`);
}

export function isPersonalGuild(guild: GuildId): boolean {
  return guild === PERSONAL_GUILDS || guild.startsWith(`${PERSONAL_GUILDS}:`);
}

/** Whether nobody but the people in the conversation rules this place. */
export function isPersonal({ origin, place }: Pick<CommandRequest, 'origin' | 'place'>): boolean {
  return place.direct || isPersonalGuild(origin.guild);
}

/**
 * A request that cannot be granted; the message is one line for the person, naming the thing and the fix. Who does not know
 * the person's language gives the line for each.
 */
export class UserError extends Error {
  readonly code: string;
  /** Whose ids stand in the line. */
  readonly mentions: readonly Mention[];
  private readonly line: string | ((messages: Messages) => string);

  constructor(code: string, line: string | ((messages: Messages) => string), mentions: readonly Mention[] = []) {
    super(typeof line === 'string' ? line : line(en));
    this.name = 'UserError';
    this.code = code;
    this.mentions = mentions;
    this.line = line;
  }

  /** The line in a person's language. */
  in(messages: Messages): string {
    return typeof this.line === 'string' ? this.line : this.line(messages);
  }
}
