import { ChannelType } from 'discord.js';
import { userJson } from './messages.ts';
import { channelPermissions, guildPermissions } from './permissions.ts';
import type { Channel, Guild, Json, Role, World } from './state.ts';

export const threads: readonly ChannelType[] = [ChannelType.PublicThread, ChannelType.PrivateThread];

/** A guild as GUILD_CREATE tells it to a bot without the intent for members: only the bot itself is in the list. */
export function guildJson(world: World, guild: Guild): Json {
  const channels = [...world.channels.values()].filter((channel) => channel.guild === guild.id && !channel.deleted);
  const isThread = (channel: Channel) => threads.includes(channel.type);
  return {
    id: guild.id,
    name: guild.name,
    owner_id: guild.owner,
    preferred_locale: guild.locale,
    features: [],
    roles: [...guild.roles.values()].map((role) => roleJson(role)),
    members: [memberJson(world, guild, world.bot.id)],
    member_count: guild.members.size,
    channels: channels.filter((channel) => !isThread(channel)).map((channel) => channelJson(channel)),
    threads: channels.filter(isThread).map((channel) => channelJson(channel)),
    joined_at: new Date(0).toISOString(),
    large: false,
    unavailable: false,
    emojis: [],
    stickers: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    nsfw_level: 0,
    premium_tier: 0,
    premium_subscription_count: 0,
    premium_progress_bar_enabled: false,
    system_channel_flags: 0,
    afk_timeout: 300,
  };
}

export function roleJson({ id, name, permissions }: Role): Json {
  return {
    id,
    name,
    permissions: String(permissions),
    position: 1,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: false,
    mentionable: false,
    flags: 0,
  };
}

export function memberJson(world: World, guild: Guild, user: string): Json {
  return {
    user: userJson(world.user(user)),
    roles: [...(guild.members.get(user) ?? [])],
    nick: null,
    avatar: null,
    joined_at: new Date(0).toISOString(),
    deaf: false,
    mute: false,
    flags: 0,
    permissions: String(guildPermissions(guild, user)),
  };
}

export function channelJson(channel: Channel, world?: World): Json {
  return {
    id: channel.id,
    type: channel.type,
    name: channel.name,
    position: 0,
    permission_overwrites: [],
    nsfw: channel.nsfw,
    flags: 0,
    ...(channel.guild === null ? {} : { guild_id: channel.guild }),
    ...(channel.parent === null ? {} : { parent_id: channel.parent }),
    ...(threads.includes(channel.type)
      ? {
          member_count: 1,
          message_count: 0,
          thread_metadata: {
            archived: channel.archived,
            auto_archive_duration: 60,
            archive_timestamp: new Date(0).toISOString(),
            locked: false,
          },
        }
      : {}),
    ...(world === undefined || channel.guild !== null
      ? {}
      : { recipients: channel.recipients.map((id) => userJson(world.user(id))) }),
  };
}

/** What an interaction says of the place where it happened. */
export function placeJson(world: World, channel: Channel, user: string): Json {
  const guild = channel.guild === null ? undefined : world.guilds.get(channel.guild);
  return {
    channel_id: channel.id,
    channel: { ...channelJson(channel, world), permissions: String(channelPermissions(world, channel, user)) },
    app_permissions: String(channelPermissions(world, channel, world.bot.id)),
    ...(guild === undefined
      ? { user: userJson(world.user(user)), context: 1 }
      : {
          guild_id: guild.id,
          guild: { id: guild.id, locale: guild.locale, features: [] },
          guild_locale: guild.locale,
          member: memberJson(world, guild, user),
          context: 0,
        }),
  };
}
