import { PermissionFlagsBits } from 'discord.js';
import * as errors from '../api-error.ts';
import { threads } from '../guild-json.ts';
import type { ApiRequest, Route } from '../http.ts';
import { accept, type MessageBody, messageBody } from '../limits.ts';
import { createMessage, deleteMessage, editMessage, messageJson } from '../messages.ts';
import { botMay } from '../permissions.ts';
import type { Channel, Message } from '../state.ts';
import type { RouteContext } from './context.ts';

export function channelRoutes({ world, base }: RouteContext): Route[] {
  function readable({ params }: ApiRequest): Channel {
    const channel = world.channels.get(params.channel ?? '');
    if (channel === undefined || channel.deleted) throw errors.unknownChannel();
    if (!botMay(world, channel, PermissionFlagsBits.ViewChannel)) throw errors.missingAccess();
    return channel;
  }

  function existing(request: ApiRequest): Message {
    const channel = readable(request);
    const message = world.message(channel.id, request.params.message ?? '');
    // Ephemeral messages are known only to their interaction's token.
    if (message === undefined || message.ephemeralFor !== null) throw errors.unknownMessage();
    return message;
  }

  function own(request: ApiRequest): Message {
    const message = existing(request);
    if (message.author !== world.bot.id) throw errors.notYourMessage();
    return message;
  }

  function mayPost(channel: Channel, body: MessageBody, withFiles: boolean): void {
    if (channel.guild === null) {
      if (!channel.recipients.every((recipient) => world.user(recipient).dmsOpen)) throw errors.closedDms();
      return;
    }
    if (channel.archived) throw errors.archivedThread();
    const send = threads.includes(channel.type)
      ? PermissionFlagsBits.SendMessagesInThreads
      : PermissionFlagsBits.SendMessages;
    if (!botMay(world, channel, send)) throw errors.missingPermissions();
    if (withFiles && !botMay(world, channel, PermissionFlagsBits.AttachFiles)) throw errors.missingPermissions();
    const reference = body.message_reference;
    if (reference === undefined) return;
    if (!botMay(world, channel, PermissionFlagsBits.ReadMessageHistory)) throw errors.cannotReply();
    if (world.message(channel.id, reference.message_id) === undefined && reference.fail_if_not_exists !== false) {
      throw errors.invalidForm([{ path: ['message_reference'], message: 'Unknown message' }]);
    }
  }

  return [
    {
      method: 'GET',
      path: '/channels/:channel',
      auth: 'bot',
      handle: (request) => {
        const { id, type, guild, name, nsfw, parent } = readable(request);
        return { id, type, name, nsfw, ...(guild === null ? {} : { guild_id: guild }), parent_id: parent };
      },
    },
    {
      method: 'GET',
      path: '/channels/:channel/messages',
      auth: 'bot',
      handle: (request) => {
        const channel = readable(request);
        if (!botMay(world, channel, PermissionFlagsBits.ReadMessageHistory)) return [];
        const after = BigInt(request.query.get('after') ?? '0');
        const found = world.messages.filter(
          (message) =>
            message.channel === channel.id &&
            !message.deleted &&
            message.ephemeralFor === null &&
            BigInt(message.id) > after,
        );
        const limit = Number(request.query.get('limit') ?? '50');
        return found
          .slice(0, limit)
          .reverse()
          .map((message) => messageJson(world, message, base()));
      },
    },
    {
      method: 'GET',
      path: '/channels/:channel/messages/:message',
      auth: 'bot',
      handle: (request) => messageJson(world, existing(request), base()),
    },
    {
      method: 'POST',
      path: '/channels/:channel/messages',
      auth: 'bot',
      handle: (request) => {
        const channel = readable(request);
        const body = accept(messageBody, request.body);
        mayPost(channel, body, request.files.length > 0);
        return messageJson(world, createMessage(world, channel, body, request.files), base());
      },
    },
    {
      method: 'PATCH',
      path: '/channels/:channel/messages/:message',
      auth: 'bot',
      handle: (request) => {
        const message = own(request);
        editMessage(world, message, accept(messageBody, request.body), request.files);
        return messageJson(world, message, base());
      },
    },
    {
      method: 'DELETE',
      path: '/channels/:channel/messages/:message',
      auth: 'bot',
      handle: (request) => {
        const message = existing(request);
        const others = botMay(world, world.channel(message.channel), PermissionFlagsBits.ManageMessages);
        if (message.author !== world.bot.id && !others) throw errors.missingPermissions();
        deleteMessage(world, message);
        return undefined;
      },
    },
  ];
}
