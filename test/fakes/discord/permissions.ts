import { PermissionFlagsBits } from 'discord.js';
import type { Channel, Guild, World } from './state.ts';

const ALL = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n);

/** What a member may do in a guild: the owner and administrators everything, others what their roles add up to. */
export function guildPermissions(guild: Guild, user: string): bigint {
  if (guild.owner === user) return ALL;
  const roles = [guild.id, ...(guild.members.get(user) ?? [])];
  const bits = roles.reduce((sum, role) => sum | (guild.roles.get(role)?.permissions ?? 0n), 0n);
  return (bits & PermissionFlagsBits.Administrator) === 0n ? bits : ALL;
}

/** What the user may do in a channel; in a direct conversation everything that a conversation has. */
export function channelPermissions(world: World, channel: Channel, user: string): bigint {
  if (channel.guild === null) return ALL & ~PermissionFlagsBits.Administrator & ~PermissionFlagsBits.ManageGuild;
  const guild = world.guilds.get(channel.guild);
  if (guild === undefined || !guild.members.has(user)) return 0n;
  const permissions = guildPermissions(guild, user);
  return user === world.bot.id ? permissions & ~channel.deniedToBot : permissions;
}

export function botMay(world: World, channel: Channel, permission: bigint): boolean {
  return (channelPermissions(world, channel, world.bot.id) & permission) === permission;
}
