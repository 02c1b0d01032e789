import type { types } from '@slack/bolt';
import { z } from 'zod';
import { UserError } from '../../../commands/request.ts';
import { phrasesFor } from '../phrases.ts';
import { commandOfAction, filesOfBlocks, optionsOfButton, REVEAL } from '../render/blocks.ts';
import { plainText } from '../render/text.ts';
import { acknowledge } from '../transport/acknowledge.ts';
import type { Listening } from './listen.ts';
import type { Act, Asked, Opening } from './requests.ts';
import { formFor } from './slash-commands.ts';

const payloadSchema = z.object({
  trigger_id: z.string(),
  response_url: z.string().optional(),
  user: z.object({ id: z.string() }),
  container: z.looseObject({
    type: z.string(),
    channel_id: z.string().optional(),
    message_ts: z.string().optional(),
    thread_ts: z.string().optional(),
    is_ephemeral: z.boolean().default(false),
  }),
  message: z.looseObject({ thread_ts: z.string().optional(), blocks: z.array(z.unknown()).default([]) }).optional(),
  actions: z.tuple([z.looseObject({ action_id: z.string(), value: z.string().optional() })]),
});
type Press = z.infer<typeof payloadSchema>;

/** A form that is offered names its message, if it has one, instead of a target. */
const MESSAGE_TARGET = /^message:([^:]*):([^:]*)$/;

/** Buttons, under messages and in the Home tab. */
export function listenForPresses(listening: Listening): void {
  const { app, requests, log } = listening;
  app.action({ type: 'block_actions' }, async ({ ack, body, context }) => {
    const press = payloadSchema.parse(body);
    await acknowledge(eventOf(press), ack, context, log);
    const act = await toAct(listening, press);
    await requests.perform(act, () => ask(listening, press, act));
  });
}

function eventOf(press: Press): string {
  return `trigger:${press.trigger_id}`;
}

async function toAct({ outbound }: Listening, press: Press): Promise<Act> {
  const { container, message } = press;
  const [action] = press.actions;
  const channel = container.channel_id ?? (await outbound.direct(press.user.id));
  const offered = MESSAGE_TARGET.exec(action.value ?? '');
  return {
    event: eventOf(press),
    user: press.user.id,
    channel,
    thread: container.thread_ts ?? message?.thread_ts ?? null,
    trigger: press.trigger_id,
    responseUrl: press.response_url ?? null,
    message:
      offered?.[1] && offered[2]
        ? { channel: offered[1], ts: offered[2], ephemeral: false, files: [] }
        : container.message_ts === undefined
          ? null
          : {
              channel,
              ts: container.message_ts,
              ephemeral: container.is_ephemeral,
              files: filesOfBlocks(message?.blocks ?? []),
            },
  };
}

async function ask({ host, people }: Listening, press: Press, act: Act): Promise<Asked | Opening> {
  const [{ action_id: id, value = '' }] = press.actions;
  const { locale, admin } = (await people.find(act.user)).actor;
  if (id.startsWith(REVEAL)) return reveal(value, locale);
  const command = commandOfAction(id);
  if (command === null) throw new UserError('unknown_button', phrasesFor(locale).unknownButton);
  const offered = MESSAGE_TARGET.exec(value);
  if (offered === null) return { command, options: () => optionsOfButton(value) };
  if (offered[1] !== '') return { command, options: () => ({}) };
  const definition = host.commands.find(({ name }) => name === command);
  const form = definition === undefined ? null : formFor(definition, act, admin, locale);
  return form ?? { command, options: () => ({}) };
}

const hiddenSchema = z.strictObject({ file: z.string(), alt: z.string() });

/** Shows a hidden picture to the person who pressed, and to nobody else; its own button opens it anew. */
function reveal(value: string, locale: string): Opening {
  const { file, alt } = hiddenSchema.parse(JSON.parse(value));
  const phrases = phrasesFor(locale);
  const view: types.ModalView = {
    type: 'modal',
    title: plainText(phrases.hiddenPicture, 24),
    close: plainText(phrases.close, 24),
    blocks: [{ type: 'image', slack_file: { id: file }, alt_text: alt }],
  };
  return { view, command: null };
}
