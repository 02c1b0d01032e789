import { z } from 'zod';
import type { Command } from '../../../commands/command.ts';
import { messagesFor } from '../../../commands/locale/index.ts';
import { UserError } from '../../../commands/request.ts';
import { type CommandLine, parseCommandLine } from '../../../commands/text-options.ts';
import { phrasesFor } from '../phrases.ts';
import { commandView } from '../render/form.ts';
import { type Names, readableValue } from '../render/readable.ts';
import { unescapeText } from '../render/text.ts';
import { acknowledge } from '../transport/acknowledge.ts';
import type { Listening } from './listen.ts';
import type { Act, Asked, Opening } from './requests.ts';

/** The one slash command that has all others beneath it: `/easel imagine a cat`. */
export const UMBRELLA = 'easel';

const payloadSchema = z.object({
  command: z.string(),
  text: z.string().default(''),
  channel_id: z.string(),
  user_id: z.string(),
  trigger_id: z.string(),
  response_url: z.string().optional(),
});

/** `/imagine a cat --seed 7`, `/easel imagine a cat`, `/easel-admin quota set 50`. */
export function listenForCommands(listening: Listening): void {
  const { app, requests, log } = listening;
  app.command(/.*/, async ({ ack, payload, context }) => {
    const command = payloadSchema.parse(payload);
    const event = `trigger:${command.trigger_id}`;
    await acknowledge(event, ack, context, log);
    const act: Act = {
      event,
      user: command.user_id,
      channel: command.channel_id,
      thread: null,
      trigger: command.trigger_id,
      responseUrl: command.response_url ?? null,
      message: null,
    };
    await requests.perform(act, () => ask(listening, act, `${command.command.replace(/^\//, '')} ${command.text}`));
  });
}

/** What a line asks for; a form where something that it needs was not given. */
async function ask(listening: Listening, act: Act, line: string): Promise<Asked | Opening> {
  const { host, people } = listening;
  const { locale, admin } = (await people.find(act.user)).actor;
  const asked = parseCommandLine(host.commands, beneathUmbrella(line.trim()), messagesFor(locale));
  const form = Object.keys(asked.options).length === 0 ? formFor(asked.command, act, admin, locale) : null;
  if (form !== null) return form;
  const names = await listening.names.of(line, locale);
  return { command: asked.command.name, options: () => readableOptions(asked, names) };
}

/** The form of a command of which nothing was said yet, where it needs something; nobody fills one in only to be refused. */
export function formFor(command: Command, act: Act, admin: boolean, locale: string): Opening | null {
  const isNeeded = Object.values(command.options).some(({ required }) => required === true);
  if (!isNeeded || act.trigger === null || !(admin || command.permission === 'everyone')) return null;
  const place = { channel: act.channel, thread: act.thread };
  return { view: commandView(command, place, phrasesFor(locale)), command: command.name };
}

/** `/easel` alone is `/easel help`. */
function beneathUmbrella(words: string): string {
  const [first = '', ...rest] = words.split(/\s+/);
  if (first.toLowerCase() !== UMBRELLA) return words;
  return rest.length === 0 ? 'help' : words.slice(first.length).trim();
}

const MENTIONED: ReadonlySet<string> = new Set(['user', 'channel', 'role']);
const MENTION_OR_ID = /^(?:<[@#!][^>]+>|[A-Z][A-Z0-9]{5,})$/;

/**
 * The options as they were typed. The line is parsed as Slack escaped it (an entity holds no blank and no quote), so that a
 * mention (<@U1|ann>) is told from its look-alike: an option that takes a person wants it, a prompt wants @ann.
 */
export function readableOptions({ command, options }: CommandLine, names: Names): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      const definition = command.options[name];
      if (typeof value !== 'string' || definition === undefined) return [name, value];
      if (!MENTIONED.has(definition.type)) return [name, readableValue(value, definition, names)];
      if (MENTION_OR_ID.test(value)) return [name, value];
      // A mere name would be taken for an id, and nobody would be meant.
      const shown = `"${unescapeText(value).slice(0, 40)}"`;
      throw new UserError('invalid_option', ({ options: texts }) => texts.invalid(name, shown, definition));
    }),
  );
}
