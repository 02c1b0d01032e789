import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import type { Field } from '../reply.ts';
import type { Extra } from '../services.ts';

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
    const allowed = loras.filter(({ name }) => allowedLoras?.includes(name) !== false);
    const fields: readonly Field[] = [
      { name: texts.loras, value: allowed.map(withModels).join('\n') },
      { name: texts.embeddings, value: embeddings.map(withModels).join('\n') },
      { name: texts.wildcards, value: wildcards.join('\n') },
    ].filter(({ value }) => value !== '');
    return {
      kind: 'message',
      visibility: 'private',
      title: texts.title,
      text: fields.length === 0 ? texts.empty : '',
      fields,
    };
  },
});

function withModels({ name, models }: Extra): string {
  return `${name} (${models.join(', ') || '–'})`;
}
