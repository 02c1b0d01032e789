import { z } from 'zod';
import { messagesFor } from '../../../commands/locale/index.ts';
import { parseCommandLine } from '../../../commands/text-options.ts';
import { fileSchema, type SlackFile, toAttachment } from './attachment.ts';
import type { Listening } from './listen.ts';
import type { Act, Asked } from './requests.ts';
import { attachmentOption } from './shortcuts.ts';
import { readableOptions } from './slash-commands.ts';

const payloadSchema = z.object({
  event_id: z.string(),
  event: z.object({
    user: z.string().optional(),
    bot_id: z.string().optional(),
    subtype: z.string().optional(),
    channel: z.string(),
    channel_type: z.string().optional(),
    text: z.string().default(''),
    ts: z.string(),
    thread_ts: z.string().optional(),
    files: z.array(fileSchema).default([]),
  }),
});

/**
 * Messages that speak to the bot: a mention (the only way to ask inside a thread, where Slack has no slash commands), or
 * anything in the direct conversation. The first words may name a command; otherwise it is a prompt to draw.
 */
export function listenForMessages(listening: Listening): void {
  const { app, requests } = listening;
  const hear = async (body: unknown) => {
    const { event_id, event } = payloadSchema.parse(body);
    const said = event.subtype === undefined || event.subtype === 'file_share';
    if (!said || event.bot_id !== undefined || event.user === undefined || event.user === listening.botUser) return;
    const act: Act = {
      event: `event:${event_id}`,
      user: event.user,
      channel: event.channel,
      thread: event.thread_ts ?? null,
      trigger: null,
      responseUrl: null,
      message: null,
    };
    await requests.perform(act, () => ask(listening, act, event.text, event.files));
  };
  app.event('app_mention', ({ body }) => hear(body));
  app.event('message', async ({ body, event }) => {
    if (event.channel_type === 'im') await hear(body);
  });
}

async function ask(listening: Listening, act: Act, text: string, files: readonly SlackFile[]): Promise<Asked> {
  const { host, people, botUser } = listening;
  const words = text.replaceAll(`<@${botUser}>`, ' ').trim();
  if (words === '' && files.length === 0) return { command: 'help', options: () => ({}) };
  const { locale } = (await people.find(act.user)).actor;
  const first = words.replace(/^\//, '').split(/\s+/, 1)[0]?.toLowerCase();
  const named = host.commands.some(({ name }) => name.split(' ', 1)[0] === first);
  const asked = parseCommandLine(host.commands, named ? words : `imagine ${words}`, messagesFor(locale));
  const slot = attachmentOption(asked.command);
  const [file] = files;
  const names = await listening.names.of(words, locale);
  return {
    command: asked.command.name,
    options: () => ({
      ...readableOptions(asked, names),
      ...(file === undefined || slot === null ? {} : { [slot]: toAttachment(file, listening) }),
    }),
  };
}
