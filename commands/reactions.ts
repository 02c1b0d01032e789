import type { Command } from './command.ts';
import type { GuildSettings } from './settings.ts';

/** The command that a reaction on a picture stands for: as the guild says, else as the commands themselves say. */
export function commandOfReaction(
  reaction: string,
  settings: Pick<GuildSettings, 'reactions'>,
  commands: readonly Command[],
): string | null {
  if (Object.hasOwn(settings.reactions, reaction)) return settings.reactions[reaction] ?? null;
  return commands.find(({ onPicture }) => onPicture?.reactions.includes(reaction) === true)?.name ?? null;
}
