import type { Route } from '../http.ts';
import { deleteMessage, messageJson } from '../messages.ts';
import type { RouteContext } from './context.ts';

/** Answering an interaction, and what its token may do afterwards. */
export function interactionRoutes({ world, interactions, base }: RouteContext): Route[] {
  return [
    {
      method: 'POST',
      path: '/interactions/:id/:token/callback',
      auth: 'token',
      handle: ({ params, query, body, files }) => {
        const interaction = interactions.answer(params.id ?? '', params.token ?? '', body, files);
        if (query.get('with_response') !== 'true') return undefined;
        const { id, type, original } = interaction;
        return {
          interaction: { id, type, ...(original === null ? {} : { response_message_id: original.id }) },
          resource: {
            type: interaction.answer,
            ...(original === null ? {} : { message: messageJson(world, original, base()) }),
          },
        };
      },
    },
    {
      method: 'POST',
      path: '/webhooks/:application/:token',
      auth: 'token',
      handle: ({ params, body, files }) => {
        const interaction = interactions.ofWebhook(params.application ?? '', params.token ?? '');
        return messageJson(world, interactions.followUp(interaction, body, files), base());
      },
    },
    {
      method: 'GET',
      path: '/webhooks/:application/:token/messages/:message',
      auth: 'token',
      handle: ({ params }) => {
        const interaction = interactions.ofWebhook(params.application ?? '', params.token ?? '');
        return messageJson(world, interactions.messageOf(interaction, params.message ?? ''), base());
      },
    },
    {
      method: 'PATCH',
      path: '/webhooks/:application/:token/messages/:message',
      auth: 'token',
      handle: ({ params, body, files }) => {
        const interaction = interactions.ofWebhook(params.application ?? '', params.token ?? '');
        const message = interactions.messageOf(interaction, params.message ?? '');
        interactions.edit(message, body, files);
        return messageJson(world, message, base());
      },
    },
    {
      method: 'DELETE',
      path: '/webhooks/:application/:token/messages/:message',
      auth: 'token',
      handle: ({ params }) => {
        const interaction = interactions.ofWebhook(params.application ?? '', params.token ?? '');
        const message = interactions.messageOf(interaction, params.message ?? '');
        deleteMessage(world, message);
        return undefined;
      },
    },
  ];
}
