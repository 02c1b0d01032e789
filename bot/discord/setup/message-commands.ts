import type { Command } from '../../../commands/command.ts';
import type { Messages } from '../../../commands/locale/index.ts';

/** Commands in the menu of every message ("Apps"). Discord shows at most five, so only what is asked of others' messages. */
const NAMES: readonly (keyof Messages['menu'])[] = ['refine', 'reproduce'];

export interface MessageCommand {
  /** As it stands in the menu. */
  title(messages: Messages): string;
  readonly command: Command;
}

export function messageCommands(commands: readonly Command[]): readonly MessageCommand[] {
  return NAMES.flatMap((name) => {
    const command = commands.find((candidate) => candidate.name === name);
    return command === undefined ? [] : [{ title: ({ menu }) => menu[name], command }];
  });
}
