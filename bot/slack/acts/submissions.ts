import { z } from 'zod';
import { FORM, type FormMetadata, readForm, readMetadata } from '../render/form.ts';
import { isProse, readableProse } from '../render/readable.ts';
import { acknowledge } from '../transport/acknowledge.ts';
import { fileSchema, toAttachment } from './attachment.ts';
import type { Listening } from './listen.ts';
import type { Act } from './requests.ts';

const payloadSchema = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    hash: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.unknown() }),
  }),
});

const suggestionSchema = z.object({
  user: z.object({ id: z.string() }),
  block_id: z.string(),
  value: z.string().default(''),
  view: z.object({ private_metadata: z.string() }),
});

/** Forms that were filled in, and the suggestions while somebody fills them in. */
export function listenForSubmissions(listening: Listening): void {
  const { app, requests, log } = listening;
  app.view(FORM, async ({ ack, body, context }) => {
    const { view, user } = payloadSchema.parse(body);
    // The same view in the same state is the same submission, whatever its trigger.
    const event = `view:${view.id}:${view.hash}`;
    await acknowledge(event, ack, context, log);
    const form = readMetadata(view.private_metadata);
    const act: Act = {
      event,
      user: user.id,
      channel: form.channel,
      thread: form.thread,
      trigger: null,
      responseUrl: null,
      message: null,
    };
    await requests.perform(act, () => ({
      command: form.command,
      options: () => ({ ...form.hidden, ...valuesOf(readForm(view.state.values), form, listening) }),
    }));
  });

  app.options('value', async ({ ack, body }) => {
    const suggestion = suggestionSchema.parse(body);
    await ack({ options: await suggest(listening, suggestion) });
  });
}

/** Files become attachments, prose is what was meant, and what was left empty in an option's input is not given at all. */
function valuesOf(
  values: Readonly<Record<string, unknown>>,
  form: FormMetadata,
  listening: Listening,
): Readonly<Record<string, unknown>> {
  const definitions = listening.host.commands.find((command) => command.name === form.command)?.options ?? {};
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const definition = definitions[name];
      if (typeof value === 'string' && isProse(definition)) return [name, readableProse(value)];
      if (definition?.type !== 'attachment') return [name, value];
      const file = fileSchema.safeParse(value);
      return [name, file.success ? toAttachment(file.data, listening) : undefined];
    }),
  );
}

async function suggest(listening: Listening, suggestion: z.infer<typeof suggestionSchema>) {
  const { requests } = listening;
  const form = readMetadata(suggestion.view.private_metadata);
  const found = await requests.suggest(
    { user: suggestion.user.id, channel: form.channel, command: form.command },
    suggestion.block_id,
    suggestion.value,
  );
  return found.slice(0, 100).map(({ name, value }) => ({
    text: { type: 'plain_text' as const, text: name.slice(0, 75) || '·' },
    value: value.slice(0, 150),
  }));
}
