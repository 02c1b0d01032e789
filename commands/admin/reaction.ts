import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { reactionTargets } from '../reactions.ts';
import { UserError } from '../request.ts';
import { change } from './change.ts';

/** It is given the list of commands, for the list holds it too. */
export function reactionCommand(commands: () => readonly Command[]) {
  return defineCommand({
    name: 'easel-admin reaction',
    description: 'Say what a reaction on a picture does',
    options: {
      reaction: {
        type: 'string',
        required: true,
        maxLength: 64,
        description: 'Its name, such as sparkles, or the emoji',
      },
      command: { type: 'string', required: true, maxLength: 32, description: 'refine, upscale, again, …, or none' },
    },
    permission: 'admin',
    run(request, options, services) {
      const { admin: texts } = messagesFor(request.actor.locale);
      const known = reactionTargets(commands());
      const command = options.command.toLowerCase().replace(/^\//, '');
      if (command !== 'none' && !known.includes(command)) {
        throw new UserError('invalid_option', texts.reactionCommand(options.command, known));
      }
      const meaning = command === 'none' ? null : command;
      const reaction = options.reaction.replace(/^:|:$/g, '');
      return change(
        request,
        services,
        ({ admin }) => admin.actions.reaction(reaction, meaning),
        (settings) => ({ ...settings, reactions: { ...settings.reactions, [reaction]: meaning } }),
      );
    },
  });
}
