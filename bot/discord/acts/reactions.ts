import { type Client, type Guild, MessageReferenceType, PermissionFlagsBits } from 'discord.js';
import type { Logger } from 'pino';
import { z } from 'zod';
import { guildIdSchema, roleIdSchema } from '../../../commands/ids.ts';
import { type CommandRequest, originSchema, personalGuild } from '../../../commands/request.ts';
import { cutText } from '../../display-text.ts';
import type { PlatformHost } from '../../platform.ts';
import { inRequest } from '../../tracing/request-scope.ts';
import type { Placeholders } from '../answers/placeholders.ts';
import { ReactionAnswers } from '../answers/reaction-answers.ts';
import type { ReplyTo } from '../answers/reply-to.ts';
import { DEFAULT_FILE_LIMIT } from '../render/files.ts';
import type { DiscordApi } from '../transport/api.ts';
import { DiscordError } from '../transport/discord-error.ts';
import { emojiName } from './emoji.ts';
import type { Locales } from './locales.ts';
import { ancestorsOf, isAgeRestricted, MAX_NAME, messageOf, type Wish } from './requests.ts';

/** The gateway's MESSAGE_REACTION_ADD, as far as we look. Read as it comes: the library's own needs the message in its cache. */
const eventSchema = z.object({
  user_id: z.string(),
  channel_id: z.string(),
  message_id: z.string(),
  guild_id: z.string().optional(),
  /** Not given for messages that came by a webhook. */
  message_author_id: z.string().optional(),
  member: z
    .object({
      nick: z.string().nullish(),
      roles: z.array(z.string()),
      user: z.object({ username: z.string(), global_name: z.string().nullish(), bot: z.boolean().optional() }),
    })
    .optional(),
  emoji: z.object({ name: z.string().nullable() }),
});
type ReactionEvent = z.infer<typeof eventSchema>;

/**
 * Discord gives the event no id. Within so long the same reaction of the same person is the same wish, which two
 * connections (a new version beside the old) may both hand over; after it, taking it back and adding it again is a new one.
 */
const SAME_WISH_MS = 10_000;

interface ReactionsOptions {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly host: PlatformHost;
  readonly placeholders: Placeholders;
  readonly locales: Locales;
  readonly log: Logger;
  readonly now: () => number;
}

/** A reaction on one of our messages is a command; which one, the guild decides. */
export class Reactions {
  private readonly options: ReactionsOptions;
  private readonly answers: ReactionAnswers;

  constructor(options: ReactionsOptions) {
    this.options = options;
    this.answers = new ReactionAnswers(options);
  }

  /** Resolves when the reaction is answered, or stands for nothing. */
  async take(data: unknown): Promise<void> {
    const { log } = this.options;
    try {
      const event = eventSchema.parse(data);
      const command = await this.commandOf(event);
      if (command === null) return;
      const message = await this.ourMessage(event);
      if (message === null) return;
      const request = this.requestOf(event, command, message);
      await inRequest(request.origin, () => this.answer(request));
    } catch (error) {
      log.warn({ error }, 'A reaction could not be understood');
    }
  }

  private async answer(request: CommandRequest): Promise<void> {
    const { log, host, placeholders } = this.options;
    const settle = placeholders.expect(request.origin.event);
    try {
      settle(await this.answers.show(request, await host.dispatch(request)));
    } catch (error) {
      log.warn({ error }, 'A reaction could not be answered');
    } finally {
      settle(null);
    }
  }

  /** null: by a bot, or of no meaning here. */
  private async commandOf(event: ReactionEvent): Promise<string | null> {
    const { host, client } = this.options;
    const ourselves = client.user?.id;
    if (event.member?.user.bot === true || event.user_id === ourselves || event.emoji.name === null) return null;
    const guild = guildIdSchema.parse(event.guild_id ?? personalGuild(event.user_id));
    // An admin may have named the emoji or given it as it is.
    return (
      (await host.reactionCommand(guild, event.emoji.name)) ??
      (await host.reactionCommand(guild, emojiName(event.emoji.name)))
    );
  }

  /** The message of ours that is meant: the one that was reacted to, or that one forwards; null: neither is ours. */
  private async ourMessage(event: ReactionEvent): Promise<Wish['message']> {
    const { client, api } = this.options;
    const ourselves = client.user?.id;
    const here = { channel: event.channel_id, id: event.message_id };
    if (event.message_author_id === ourselves) return here;
    try {
      const { author, message_reference: forwarded } = await api.message(here.channel, here.id);
      if (author.id === ourselves) return here;
      if (forwarded?.type !== MessageReferenceType.Forward) return null;
      const { channel_id: channel, message_id: id } = forwarded;
      if (channel === undefined || id === undefined) return null;
      return (await api.message(channel, id)).author.id === ourselves ? { channel, id, forwarded: true } : null;
    } catch (error) {
      // Of a channel that Easel may not read it sees no message, and answers none.
      if (error instanceof DiscordError && error.kind === 'refused') return null;
      throw error;
    }
  }

  private requestOf(event: ReactionEvent, command: string, message: NonNullable<Wish['message']>): CommandRequest {
    const { client, locales, now } = this.options;
    const { user_id: user, channel_id: channel, message_id: reacted, member } = event;
    const guild = event.guild_id === undefined ? undefined : client.guilds.cache.get(event.guild_id);
    const time = Math.floor(now() / SAME_WISH_MS);
    const direct = event.guild_id === undefined;
    const locale = locales.get(user) ?? guild?.preferredLocale ?? 'en-US';
    const name = cutText(member?.nick ?? member?.user.global_name ?? member?.user.username ?? user, MAX_NAME);
    const replyTo: ReplyTo = {
      event: `reaction:${reacted}:${user}:${event.emoji.name}:${time}`,
      channel,
      direct,
      user,
      name: direct ? null : name,
      locale,
      interaction: null,
      reference: reacted,
      placeholder: null,
      fileLimit: DEFAULT_FILE_LIMIT,
    };
    return {
      origin: originSchema.parse({
        platform: 'discord',
        guild: event.guild_id ?? personalGuild(user),
        channel,
        user,
        event: replyTo.event,
      }),
      actor: {
        name,
        roles: (member?.roles ?? []).map((role) => roleIdSchema.parse(role)),
        admin: guild !== undefined && isAdminMember(guild, user, member?.roles ?? []),
        locale,
      },
      place: {
        ageRestricted: isAgeRestricted(client.channels.cache.get(channel)),
        direct,
        within: ancestorsOf(client.channels.cache.get(channel)),
      },
      command,
      options: {},
      ...messageOf(message),
      replyTo,
    };
  }
}

/** Whether the member's roles let them manage the guild: a reaction does not say so itself. */
function isAdminMember(guild: Guild, user: string, roles: readonly string[]): boolean {
  if (guild.ownerId === user) return true;
  return [guild.id, ...roles].some(
    (role) => guild.roles.cache.get(role)?.permissions.has(PermissionFlagsBits.ManageGuild) === true,
  );
}
