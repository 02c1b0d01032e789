import type { Messages } from './locale/index.ts';
import type { OptionDefinitions, OptionValues } from './options.ts';
import type { Reply } from './reply.ts';
import type { CommandRequest } from './request.ts';
import type { Services } from './services.ts';

/**
 * One thing that people can ask for. A command is one file and one line in `commands/index.ts`; every platform,
 * the page and the command line learn it from there.
 */
export interface Command<Definitions extends OptionDefinitions = OptionDefinitions> {
  /**
   * Lower case. Words parted by spaces make a subcommand: `easel-admin quota set` is Discord's command, group and
   * subcommand, and Slack's `/easel-admin quota set`.
   */
  readonly name: string;
  readonly description: string;
  /** What else `/help` says of it. */
  readonly details?: (messages: Messages) => string;
  /** In the order in which they are shown; the first is the one that free text fills (`/imagine a cat in the snow`). */
  readonly options: Definitions;
  /** `admin` is checked on the server against the platform's own word, on every call. */
  readonly permission: 'everyone' | 'admin';
  /** Also offered on a picture's message: as a button, as reactions (neutral names), in the message menu. */
  readonly onPicture?: { readonly label: string; readonly reactions: readonly string[] };
  run(request: CommandRequest, options: OptionValues<Definitions>, services: Services): Promise<Reply>;
}

/** Ties `run`'s options to the definitions; a command file exports what this returns. */
export function defineCommand<const Definitions extends OptionDefinitions>(
  command: Command<Definitions>,
): Command<Definitions> {
  return command;
}
