import type { Command } from '../../../commands/command.ts';

/** Commands in the menu of every message ("Apps"). Discord shows at most five, so only what is asked of others' messages. */
const NAMES: readonly string[] = ['refine', 'reproduce'];

export interface MessageCommand {
  /** As it stands in the menu. */
  readonly title: string;
  readonly command: Command;
}

export function messageCommands(commands: readonly Command[]): readonly MessageCommand[] {
  return commands
    .filter(({ name }) => NAMES.includes(name))
    .map((command) => ({ title: `${command.name.charAt(0).toUpperCase()}${command.name.slice(1)}`, command }));
}
