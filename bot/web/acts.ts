import type { Command } from '../../commands/command.ts';
import {
  channelIdSchema,
  type EventId,
  eventIdSchema,
  guildIdSchema,
  messageIdSchema,
  type UserId,
} from '../../commands/ids.ts';
import { messagesFor } from '../../commands/locale/index.ts';
import { type CommandRequest, UserError } from '../../commands/request.ts';
import { parseCommandLine } from '../../commands/text-options.ts';
import { displayText } from '../display-text.ts';
import type { Incoming } from './incoming.ts';
import { buttonLabel, type Turn } from './turn.ts';

/** The one guild of the page: everybody who reaches it. */
export const WEB_GUILD = guildIdSchema.parse('web');

/** Who acts, as far as the server itself knows. */
export interface Visitor {
  readonly user: UserId;
  readonly admin: boolean;
  readonly locale: string;
}

/** What the conversation shows of an act. */
export function shownRequest({ act, files }: Incoming, pressed: Turn | null): Turn['request'] {
  const names = [...files.values()].map(({ name }) => displayText(name));
  switch (act.kind) {
    case 'text':
      return { by: 'text', text: displayText(act.text), files: names };
    case 'press':
      return {
        by: 'press',
        text: buttonLabel(pressed, act) ?? displayText(act.command),
        files: names,
      };
    case 'form':
      return { by: 'form', text: displayText(act.values.prompt ?? act.command), files: names };
    default:
      return act satisfies never;
  }
}

/** The command that an act asks for; throws a `UserError` for a line that cannot be read. */
export function requestOf(visitor: Visitor, { act, files }: Incoming, commands: readonly Command[]): CommandRequest {
  const asked = askedFor(visitor, act, commands);
  const command = commands.find(({ name }) => name === asked.command);
  return {
    ...pageRequest(visitor, act.turn, asked.command),
    options: { ...asked.options, ...attachments(command, files) },
    ...(act.kind === 'press' && {
      message: { channel: channelIdSchema.parse(visitor.user), id: messageIdSchema.parse(act.message) },
    }),
    replyTo: { user: visitor.user, turn: act.turn },
  };
}

/** What a visitor's own event is called among everybody's. */
export function eventOf({ user }: Visitor, event: string): EventId {
  return eventIdSchema.parse(`${user}:${event}`);
}

/** A request by this visitor that has no options yet; `event` makes it unique. */
export function pageRequest(visitor: Visitor, event: string, command: string): CommandRequest {
  const { user, admin, locale } = visitor;
  return {
    origin: {
      platform: 'web',
      guild: WEB_GUILD,
      channel: channelIdSchema.parse(user),
      user,
      event: eventOf(visitor, event),
    },
    actor: { name: 'You', roles: [], admin, locale },
    place: { ageRestricted: false, direct: true },
    command,
    options: {},
    replyTo: null,
  };
}

function askedFor(
  visitor: Visitor,
  act: Incoming['act'],
  commands: readonly Command[],
): { command: string; options: Readonly<Record<string, unknown>> } {
  switch (act.kind) {
    case 'text': {
      // A line without a command is a prompt: that is what most people type first.
      const line = act.text.startsWith('/') ? act.text : `/imagine ${act.text}`;
      const { command, options } = parseCommandLine(commands, line, messagesFor(visitor.locale));
      return { command: command.name, options };
    }
    case 'press':
      return { command: act.command, options: { ...act.options, target: act.target } };
    case 'form':
      return { command: act.command, options: act.values };
    default:
      return act satisfies never;
  }
}

/** Files under their option's name; a file that names none becomes the command's first attachment. */
function attachments(command: Command | undefined, files: Incoming['files']): Readonly<Record<string, unknown>> {
  const options = Object.entries(command?.options ?? {});
  const first = options.find(([, definition]) => definition.type === 'attachment')?.[0];
  return Object.fromEntries(
    [...files].map(([name, file]) => {
      const option = name === '' ? first : name;
      if (option !== undefined) return [option, file];
      throw new UserError('unknown_option', ({ files }) => files.notTaken(command?.name ?? '', file.name));
    }),
  );
}
