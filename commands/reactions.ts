import type { Command } from './command.ts';
import type { GuildSettings } from './settings.ts';

/** What a reaction may stand for: the commands that are offered on a picture. */
export function reactionTargets(commands: readonly Command[]): readonly string[] {
  return commands.flatMap(({ name, onPicture }) => (onPicture === undefined ? [] : [name]));
}

/** The command that a reaction on a picture stands for: as the guild says, else as the commands themselves say. */
export function commandOfReaction(
  reaction: string,
  settings: Pick<GuildSettings, 'reactions'>,
  commands: readonly Command[],
): string | null {
  if (Object.hasOwn(settings.reactions, reaction)) {
    const command = settings.reactions[reaction] ?? null;
    // Settings that were imported before may name any command, such as an admin's.
    return command !== null && reactionTargets(commands).includes(command) ? command : null;
  }
  return commands.find(({ onPicture }) => onPicture?.reactions.includes(reaction) === true)?.name ?? null;
}
