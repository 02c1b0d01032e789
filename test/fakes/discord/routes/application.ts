import { z } from 'zod';
import * as errors from '../api-error.ts';
import type { ApiRequest, Route } from '../http.ts';
import { accept } from '../limits.ts';
import { userJson } from '../messages.ts';
import { guildPermissions } from '../permissions.ts';
import type { RouteContext } from './context.ts';

const IDENTIFIES_A_DAY = 1000;

/** The bot itself: its user, application, commands, conversations, and where the gateway is. */
export function applicationRoutes({ world, commands, gatewayUrl, shards, identifyConcurrency }: RouteContext): Route[] {
  function checkApplication({ params }: ApiRequest): string | null {
    if (params.application !== world.application) throw errors.missingAccess();
    const guild = params.guild ?? null;
    if (guild !== null && !world.guilds.has(guild)) throw errors.missingAccess();
    return guild;
  }

  const scopes = ['/applications/:application/commands', '/applications/:application/guilds/:guild/commands'];
  const commandRoutes = scopes.flatMap((path): Route[] => [
    {
      method: 'GET',
      path,
      auth: 'bot',
      handle: (request) => commands.list(checkApplication(request), request.query.get('with_localizations') === 'true'),
    },
    {
      method: 'POST',
      path,
      auth: 'bot',
      handle: (request) => commands.save(checkApplication(request), request.body),
    },
    {
      method: 'PUT',
      path,
      auth: 'bot',
      handle: (request) => commands.replace(checkApplication(request), accept(z.array(z.unknown()), request.body)),
    },
    {
      method: 'PATCH',
      path: `${path}/:command`,
      auth: 'bot',
      handle: (request) => commands.edit(checkApplication(request), request.params.command ?? '', request.body),
    },
    {
      method: 'DELETE',
      path: `${path}/:command`,
      auth: 'bot',
      handle: (request) => {
        commands.remove(checkApplication(request), request.params.command ?? '');
        return undefined;
      },
    },
  ]);

  return [
    ...commandRoutes,
    { method: 'GET', path: '/users/@me', auth: 'bot', handle: () => userJson(world.bot) },
    {
      method: 'GET',
      path: '/users/:user',
      auth: 'bot',
      handle({ params }) {
        const user = world.users.get(params.user ?? '');
        if (user === undefined) throw errors.unknownUser();
        return userJson(user);
      },
    },
    {
      method: 'GET',
      path: '/users/@me/guilds',
      auth: 'bot',
      handle: () =>
        [...world.guilds.values()]
          .filter(({ members }) => members.has(world.bot.id))
          .map((guild) => ({
            id: guild.id,
            name: guild.name,
            owner: false,
            permissions: String(guildPermissions(guild, world.bot.id)),
          })),
    },
    {
      method: 'GET',
      path: '/applications/@me',
      auth: 'bot',
      handle: () => ({ id: world.application, name: world.bot.name, flags: 0, bot: userJson(world.bot) }),
    },
    {
      method: 'POST',
      path: '/users/@me/channels',
      auth: 'bot',
      handle: ({ body }) => {
        const { recipient_id: recipient } = accept(z.object({ recipient_id: z.string() }), body);
        const user = world.users.get(recipient);
        if (user === undefined) throw errors.unknownUser();
        const { id, type } = world.directChannel(recipient);
        return { id, type, last_message_id: null, recipients: [userJson(user)] };
      },
    },
    {
      method: 'GET',
      path: '/guilds/:guild/members/:user',
      auth: 'bot',
      handle: ({ params }) => {
        const guild = world.guilds.get(params.guild ?? '');
        if (guild === undefined) throw errors.unknownGuild();
        const roles = guild.members.get(params.user ?? '');
        if (roles === undefined) throw errors.unknownMember();
        return { user: userJson(world.user(params.user ?? '')), roles: [...roles], flags: 0, deaf: false, mute: false };
      },
    },
    { method: 'GET', path: '/gateway', auth: 'token', handle: () => ({ url: gatewayUrl() }) },
    {
      method: 'GET',
      path: '/gateway/bot',
      auth: 'bot',
      handle: () => ({
        url: gatewayUrl(),
        shards: shards(),
        session_start_limit: {
          total: IDENTIFIES_A_DAY,
          remaining: IDENTIFIES_A_DAY,
          reset_after: 86_400_000,
          max_concurrency: identifyConcurrency(),
        },
      }),
    },
  ];
}
