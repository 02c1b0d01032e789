import {
  ApplicationCommandOptionType,
  type BaseInteraction,
  type CommandInteractionOption,
  InteractionContextType,
  PermissionFlagsBits,
  type PermissionsBitField,
} from 'discord.js';
import {
  type ChannelId,
  channelIdSchema,
  eventIdSchema,
  messageIdSchema,
  roleIdSchema,
  userIdSchema,
} from '../../../commands/ids.ts';
import { type CommandRequest, originSchema, personalGuild } from '../../../commands/request.ts';
import { cutText } from '../../display-text.ts';
import { type ReplyTo, TOKEN_LIFETIME_MS } from '../answers/reply-to.ts';
import { DEFAULT_FILE_LIMIT } from '../render/files.ts';
import { toAttachment } from './attachment.ts';

/** As `Actor.name` has it. */
export const MAX_NAME = 200;

/** What is asked for: the command, its options, and the message that it was asked on. */
export interface Wish {
  readonly command: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly message: { readonly channel: string; readonly id: string; readonly forwarded?: boolean } | null;
}

/** An interaction's event id, as requests know it. */
export function eventOf({ id }: Pick<BaseInteraction, 'id'>): string {
  return `interaction:${id}`;
}

/** The request of an interaction. Everything about the person comes from Discord's server. */
export function requestOf(interaction: BaseInteraction, wish: Wish, now: number): CommandRequest {
  const { user, attachmentSizeLimit } = interaction;
  const guild = guildOf(interaction);
  const locale = localeOf(interaction);
  const channel = interaction.channelId ?? '';
  const direct = isDirect(interaction);
  const name = nameOf(interaction);
  const replyTo: ReplyTo = {
    event: eventOf(interaction),
    channel,
    direct,
    user: user.id,
    name: direct || interaction.isCommand() ? null : name,
    locale,
    interaction: {
      application: interaction.applicationId,
      token: interaction.token,
      expiresAt: now + TOKEN_LIFETIME_MS,
    },
    reference: null,
    placeholder: null,
    fileLimit: attachmentSizeLimit > 0 ? attachmentSizeLimit : DEFAULT_FILE_LIMIT,
  };
  return {
    origin: originSchema.parse({
      platform: 'discord',
      guild: guild ?? personalGuild(user.id),
      channel: channelIdSchema.parse(channel),
      user: userIdSchema.parse(user.id),
      event: eventIdSchema.parse(replyTo.event),
    }),
    actor: {
      name,
      roles: rolesOf(interaction),
      admin: guild !== null && interaction.memberPermissions !== null && isAdmin(interaction.memberPermissions),
      locale,
    },
    place: { ageRestricted: isAgeRestricted(interaction.channel), direct, within: ancestorsOf(interaction.channel) },
    command: wish.command,
    options: wish.options,
    ...messageOf(wish.message),
    replyTo,
  };
}

export function messageOf(message: Wish['message']): Pick<CommandRequest, 'message'> {
  if (message === null) return {};
  const { channel, id, forwarded } = message;
  const parsed = { channel: channelIdSchema.parse(channel), id: messageIdSchema.parse(id) };
  return { message: forwarded === true ? { ...parsed, forwarded } : parsed };
}

/** May manage the guild. */
export function isAdmin(permissions: Readonly<PermissionsBitField>): boolean {
  return permissions.has(PermissionFlagsBits.ManageGuild);
}

/** What a channel belongs to, the nearest first: a thread to its channel or forum, these to their category. */
export function ancestorsOf(channel: unknown): ChannelId[] {
  if (typeof channel !== 'object' || channel === null || !('parentId' in channel)) return [];
  const parent = channelIdSchema.safeParse(channel.parentId);
  return parent.success ? [parent.data, ...ancestorsOf('parent' in channel ? channel.parent : null)] : [];
}

/** A thread is as restricted as the channel that it is in. */
export function isAgeRestricted(channel: unknown): boolean {
  if (typeof channel !== 'object' || channel === null) return false;
  if ('nsfw' in channel) return channel.nsfw === true;
  return 'parent' in channel && isAgeRestricted(channel.parent);
}

/** BCP 47. discord.js says that it is always there, Discord only that it usually is. */
export function localeOf({ locale, guildLocale }: BaseInteraction): string {
  const told: string | undefined = locale;
  return told ?? guildLocale ?? 'en-US';
}

/** The guild that rules here; null: none does, or Easel is not in it and only an app of the person's own. */
function guildOf({ guildId, authorizingIntegrationOwners: owners }: BaseInteraction): string | null {
  const isInstalledByPersonOnly = owners.userId !== null && owners.guildId === null;
  return isInstalledByPersonOnly ? null : guildId;
}

/** Whether it is the conversation with the bot alone. Where the context is not told, whatever belongs to no guild is. */
function isDirect({ context, guildId }: BaseInteraction): boolean {
  return context === null ? guildId === null : context === InteractionContextType.BotDM;
}

/** What the person is called here. */
function nameOf({ user, member }: BaseInteraction): string {
  const nick = member === null ? null : 'displayName' in member ? member.displayName : member.nick;
  return cutText(nick ?? user.displayName, MAX_NAME);
}

function rolesOf({ member }: BaseInteraction): CommandRequest['actor']['roles'] {
  if (member === null) return [];
  const ids = Array.isArray(member.roles) ? member.roles : [...member.roles.cache.keys()];
  // The role for everyone is the guild itself, and says nothing about a member.
  return ids.filter((id) => id !== ('guild' in member ? member.guild.id : null)).map((id) => roleIdSchema.parse(id));
}

/** A slash command's whole name, and its options by name. */
export function slashWish(
  name: string,
  options: readonly CommandInteractionOption[],
  apiUrl: string | undefined,
): Pick<Wish, 'command' | 'options'> {
  const [first] = options;
  const isPath =
    first?.type === ApplicationCommandOptionType.Subcommand ||
    first?.type === ApplicationCommandOptionType.SubcommandGroup;
  if (first !== undefined && isPath) return slashWish(`${name} ${first.name}`, first.options ?? [], apiUrl);
  return {
    command: name,
    options: Object.fromEntries(options.map((option) => [option.name, optionValue(option, apiUrl)])),
  };
}

function optionValue(option: CommandInteractionOption, apiUrl: string | undefined): unknown {
  return option.attachment === undefined || option.attachment === null
    ? option.value
    : toAttachment(option.attachment, apiUrl);
}
