import { z } from 'zod';
import { type Command, defineCommand } from '../command.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import { reactionTargets } from '../reactions.ts';
import { type CommandRequest, UserError } from '../request.ts';
import { type GuildSettings, parseSettings, SettingsVersionError } from '../settings.ts';
import { change } from './change.ts';
import { isModestJson } from './modest-json.ts';

/** Bytes; the longest lists that the schema allows fit. */
const MAX_FILE = 3_000_000;
/** A file's own words are told in part only: Discord refuses a message that is too long. */
const MAX_PROBLEM = 300;

export const exportSettings = defineCommand({
  name: 'easel-admin export',
  description: 'Get the settings of this place as a file',
  options: {},
  permission: 'admin',
  async run(request, _options, services) {
    const { file } = messagesFor(request.actor.locale).admin;
    const settings = await services.settings.of(request.origin.guild);
    const bytes = new TextEncoder().encode(`${JSON.stringify(settings, null, 2)}\n`);
    return {
      kind: 'message',
      visibility: 'private',
      text: file.exported,
      file: { name: 'easel-settings.json', contentType: 'application/json', bytes },
    };
  },
});

/** It is given the list of commands, for the list holds it too. */
export function importCommand(commands: () => readonly Command[]) {
  return defineCommand({
    name: 'easel-admin import',
    description: 'Replace the settings of this place by those of a file',
    options: { file: { type: 'attachment', required: true, description: 'A file from /easel-admin export' } },
    permission: 'admin',
    async run(request, { file }, services) {
      const texts = messagesFor(request.actor.locale).admin.file;
      const bytes = await services.blobs.receive(file, request.origin);
      if (bytes.length > MAX_FILE) throw new UserError('too_large', texts.tooLarge);
      const settings = readSettings(bytes, texts);
      requireReactions(settings, reactionTargets(commands()), request);
      return change(
        request,
        services,
        ({ admin }) => admin.actions.imported,
        () => settings,
      );
    },
  });
}

/** As `/easel-admin reaction` takes them. */
function requireReactions({ reactions }: GuildSettings, known: readonly string[], { actor }: CommandRequest): void {
  const { reactionCommand } = messagesFor(actor.locale).admin;
  const other = Object.values(reactions).find((command) => command !== null && !known.includes(command));
  if (other != null) throw new UserError('invalid_file', reactionCommand(other, known));
}

type FileTexts = Messages['admin']['file'];

/** The longest lists of the schema have 15,000 entries in all, and each style's three values. */
const MODEST = { depth: 16, items: 50_000 };

function readSettings(bytes: Uint8Array, texts: FileTexts): GuildSettings {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!isModestJson(text, MODEST)) throw new UserError('too_large', texts.tooLarge);
    return parseSettings(JSON.parse(text), texts.faults);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('invalid_file', texts.unreadable(problemOf(error, texts)));
  }
}

function problemOf(error: unknown, texts: FileTexts): string {
  if (error instanceof SettingsVersionError) return texts.otherVersion(error.given, error.known);
  if (!(error instanceof z.ZodError)) return texts.notJson;
  const issue = error.issues[0];
  const problem = `${issue?.path.join('.') || texts.whole}: ${issue?.message ?? ''}`;
  return problem.length > MAX_PROBLEM ? `${problem.slice(0, MAX_PROBLEM)}…` : problem;
}
