import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import type { OptionDefinition } from '../options.ts';
import type { MessageReply } from '../reply.ts';
import { UserError } from '../request.ts';

/** `/help`, made from the definitions of all commands. It is given the list, for the list holds it too. */
export function helpCommand(commands: () => readonly Command[]) {
  return defineCommand({
    name: 'help',
    description: 'List the commands, or the options of one',
    options: {
      command: { type: 'string', maxLength: 60, autocomplete: 'command', description: 'The command to tell about' },
    },
    permission: 'everyone',
    async run(request, { command }) {
      const messages = messagesFor(request.actor.locale);
      const known = commands().filter(({ permission }) => permission === 'everyone' || request.actor.admin);
      return command === undefined ? overview(known, messages) : details(command, known, messages);
    },
  });
}

function overview(commands: readonly Command[], { help, describe }: Messages): MessageReply {
  const lines = commands.map(({ name, description, permission }) =>
    [`/${name}: ${describe(description)}`, ...(permission === 'admin' ? [`(${help.admins})`] : [])].join(' '),
  );
  return { kind: 'message', visibility: 'private', title: help.title, text: [...lines, '', help.footer].join('\n') };
}

/** Of which there is no more to say than that it is text. */
function isFreeText(definition: OptionDefinition): boolean {
  return definition.type === 'string' && definition.choices === undefined;
}

function details(given: string, commands: readonly Command[], messages: Messages): MessageReply {
  const name = given.replace(/^\//, '').trim().toLowerCase();
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const near = commands.filter((candidate) => candidate.name.startsWith(name.slice(0, 3)));
    throw new UserError(
      'unknown_command',
      messages.unknownCommand(
        name,
        near.map((candidate) => candidate.name),
      ),
    );
  }
  return {
    kind: 'message',
    visibility: 'private',
    title: `/${command.name}`,
    text: [messages.describe(command.description), ...(command.details ? [command.details(messages)] : [])].join(
      '\n\n',
    ),
    fields: Object.entries(command.options).map(([option, definition]) => ({
      name: option,
      value: [
        [
          messages.describe(definition.description),
          ...(isFreeText(definition) ? [] : [`(${messages.help.takes(definition)})`]),
        ].join(' '),
        ...(definition.required === true ? [messages.help.required] : []),
      ].join('; '),
    })),
  };
}
