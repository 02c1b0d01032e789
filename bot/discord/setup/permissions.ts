import { type Guild, OAuth2Scopes, PermissionFlagsBits, PermissionsBitField } from 'discord.js';

/** What Easel needs in a server, and why. The invite link asks for exactly this. */
export const neededPermissions = [
  { name: 'View Channels', bit: PermissionFlagsBits.ViewChannel, reason: 'to see the messages that people react to' },
  {
    name: 'Send Messages',
    bit: PermissionFlagsBits.SendMessages,
    reason: 'to bring pictures that took longer than 15 minutes, and answers to reactions',
  },
  {
    name: 'Send Messages in Threads',
    bit: PermissionFlagsBits.SendMessagesInThreads,
    reason: 'to do the same in threads',
  },
  {
    name: 'Embed Links',
    bit: PermissionFlagsBits.EmbedLinks,
    reason: 'to show prompts, seeds and lists under pictures',
  },
  { name: 'Attach Files', bit: PermissionFlagsBits.AttachFiles, reason: 'to post pictures' },
  {
    name: 'Read Message History',
    bit: PermissionFlagsBits.ReadMessageHistory,
    reason: 'to answer beneath the picture that was reacted to, and to post nothing twice',
  },
] as const;

/** The link by which a server's owner invites Easel, or (with `guild`) grants it what is missing. */
export function inviteLink(application: string, guild?: string): string {
  const permissions = neededPermissions.reduce((sum, { bit }) => sum | bit, 0n);
  const query = new URLSearchParams({
    client_id: application,
    scope: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '),
    permissions: String(permissions),
    ...(guild === undefined ? {} : { guild_id: guild, disable_guild_select: 'true' }),
  });
  return `https://discord.com/oauth2/authorize?${query.toString()}`;
}

/** Names of the permissions that the bot lacks in this server. */
export function missingPermissions(guild: Guild): string[] {
  const granted = guild.members.me?.permissions;
  return granted === undefined ? [] : missingFrom(granted.bitfield);
}

/** Names of the needed permissions that are not among these; an administrator lacks none. */
export function missingFrom(granted: bigint): string[] {
  const permissions = new PermissionsBitField(granted);
  return neededPermissions.filter(({ bit }) => !permissions.has(bit)).map(({ name }) => name);
}
