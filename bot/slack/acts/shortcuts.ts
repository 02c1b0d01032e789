import { z } from 'zod';
import type { Command } from '../../../commands/command.ts';
import { filesOfBlocks } from '../render/blocks.ts';
import { acknowledge } from '../transport/acknowledge.ts';
import { fileSchema, toAttachment } from './attachment.ts';
import type { Listening } from './listen.ts';
import type { Act } from './requests.ts';

const PREFIX = 'easel:menu:';

/** The message menu's entry for a command; the manifest declares it. */
export function shortcutId(command: string): string {
  return `${PREFIX}${command}`;
}

const payloadSchema = z.object({
  callback_id: z.string(),
  trigger_id: z.string(),
  response_url: z.string().optional(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.looseObject({
    ts: z.string(),
    thread_ts: z.string().optional(),
    blocks: z.array(z.unknown()).default([]),
    files: z.array(fileSchema).default([]),
  }),
});

/** Entries of the message menu: the picture's commands, and `reproduce`, which also reads an attached picture's recipe. */
export function listenForShortcuts(listening: Listening): void {
  const { app, host, requests, log } = listening;
  app.shortcut({ type: 'message_action' }, async ({ ack, body, context }) => {
    const { message, ...picked } = payloadSchema.parse(body);
    const event = `trigger:${picked.trigger_id}`;
    await acknowledge(event, ack, context, log);
    if (!picked.callback_id.startsWith(PREFIX)) return;
    const command = picked.callback_id.slice(PREFIX.length);
    const act: Act = {
      event,
      user: picked.user.id,
      channel: picked.channel.id,
      thread: message.thread_ts ?? null,
      trigger: picked.trigger_id,
      responseUrl: picked.response_url ?? null,
      message: { channel: picked.channel.id, ts: message.ts, ephemeral: false, files: filesOfBlocks(message.blocks) },
    };
    const [file] = message.files;
    const slot = attachmentOption(host.commands.find((candidate) => candidate.name === command));
    await requests.perform(act, () => ({
      command,
      options: () => (file === undefined || slot === null ? {} : { [slot]: toAttachment(file, listening) }),
    }));
  });
}

/** The option of a command that takes a file; null where it takes none. */
export function attachmentOption(command: Command | undefined): string | null {
  const options = Object.entries(command?.options ?? {});
  return options.find(([, definition]) => definition.type === 'attachment')?.[0] ?? null;
}
