import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import type { Field } from '../reply.ts';
import type { Extra } from '../services.ts';

/** Chats cut a longer list; then all of it is in a file, too. */
const MAX_SHOWN = 800;

/** What a prompt may name here beside words, each with how it is named. */
export const extras = defineCommand({
  name: 'extras',
  description: 'List the LoRAs, embeddings and wildcards that a prompt may name',
  options: {},
  permission: 'everyone',
  async run(request, _options, services) {
    const { extras: texts } = messagesFor(request.actor.locale);
    const [{ allowedLoras }, loras, embeddings, wildcards] = await Promise.all([
      services.settings.of(request.origin.guild),
      services.extras.loras(),
      services.extras.embeddings(),
      services.wildcards.names(),
    ]);
    const allowed = loras.filter(({ name, unread }) => unread === undefined && allowedLoras?.includes(name) !== false);
    const fields: readonly Field[] = [
      { name: texts.loras, value: allowed.map(withModels).join('\n') },
      { name: texts.embeddings, value: embeddings.map(withModels).join('\n') },
      { name: texts.wildcards, value: wildcards.join('\n') },
    ].filter(({ value }) => value !== '');
    const list = fields.map(({ name, value }) => `${name}\n${value}\n`).join('\n');
    return {
      kind: 'message',
      visibility: 'private',
      title: texts.title,
      text: fields.length === 0 ? texts.empty : '',
      fields,
      ...(list.length > MAX_SHOWN && {
        file: { name: 'extras.txt', contentType: 'text/plain; charset=utf-8', bytes: new TextEncoder().encode(list) },
      }),
    };
  },
});

function withModels({ name, models }: Extra): string {
  return `${name} (${models.join(', ') || '–'})`;
}
