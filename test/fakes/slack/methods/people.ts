import { z } from 'zod';
import { ApiError, flag, type Method, parseArgs, writableChannel } from '../method.ts';

export const peopleMethods: Readonly<Record<string, Method>> = {
  'auth.test': {
    token: 'bot',
    scope: null,
    tier: 'special',
    run(_args, { workspace }) {
      return {
        url: `https://${workspace.team.domain}.slack.com/`,
        team: workspace.team.name,
        team_id: workspace.team.id,
        user: workspace.bot.name,
        user_id: workspace.bot.id,
        bot_id: workspace.botId,
        is_enterprise_install: false,
      };
    },
  },
  'apps.connections.open': {
    token: 'app',
    scope: 'connections:write',
    tier: 'sockets',
    run(_args, { openSocket }) {
      return { url: openSocket() };
    },
  },
  'users.info': {
    token: 'bot',
    scope: 'users:read',
    tier: 4,
    run(args, { workspace }) {
      const asked = parseArgs({ user: z.string(), include_locale: flag.optional() }, args);
      const user = workspace.users.get(asked.user);
      if (!user) throw new ApiError('user_not_found');
      return {
        user: {
          id: user.id,
          team_id: user.team ?? workspace.team.id,
          is_stranger: user.team !== undefined,
          name: user.name,
          real_name: user.name,
          profile: { display_name: user.name, real_name: user.name },
          is_admin: user.isAdmin,
          is_owner: false,
          is_primary_owner: false,
          is_bot: user.isBot,
          deleted: false,
          ...(asked.include_locale === true ? { locale: user.locale } : {}),
        },
      };
    },
  },
  'usergroups.list': {
    token: 'bot',
    scope: 'usergroups:read',
    tier: 2,
    run(_args, { workspace }) {
      const groups = [...workspace.userGroups].map(([id, users]) => ({
        id,
        team_id: workspace.team.id,
        users: [...users],
      }));
      return { usergroups: groups };
    },
  },
  'conversations.open': {
    token: 'bot',
    scope: 'im:write',
    tier: 3,
    run(args, { workspace }) {
      const asked = parseArgs({ users: z.string() }, args);
      if (!workspace.users.has(asked.users)) throw new ApiError('user_not_found');
      return { channel: { id: workspace.im(asked.users).id } };
    },
  },
  'conversations.info': {
    token: 'bot',
    scope: 'channels:read',
    tier: 3,
    run(args, { workspace }) {
      const asked = parseArgs({ channel: z.string() }, args);
      const channel = workspace.channels.get(asked.channel);
      const member = channel?.members.has(workspace.bot.id) ?? false;
      if (!channel || (channel.kind !== 'public' && !member)) throw new ApiError('channel_not_found');
      return {
        channel: {
          id: channel.id,
          name: channel.name,
          is_im: channel.kind === 'im',
          is_private: channel.kind === 'private',
          is_member: member,
          is_archived: channel.archived,
        },
      };
    },
  },
  'reactions.add': {
    token: 'bot',
    scope: 'reactions:write',
    tier: 3,
    run(args, context) {
      const { workspace } = context;
      const asked = parseArgs({ channel: z.string(), timestamp: z.string(), name: z.string() }, args);
      writableChannel(asked.channel, context, true);
      const message = workspace.find(asked.channel, asked.timestamp);
      if (!message) throw new ApiError('message_not_found');
      const people = message.reactions.get(asked.name) ?? new Set();
      if (people.has(workspace.bot.id)) throw new ApiError('already_reacted');
      message.reactions.set(asked.name, people.add(workspace.bot.id));
      return {};
    },
  },
};
