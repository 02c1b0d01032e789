import type { PlatformHost } from '../../../bot/platform.ts';
import type { Command } from '../../../commands/command.ts';
import { commands } from '../../../commands/index.ts';
import { commandOfReaction } from '../../../commands/reactions.ts';
import type { CommandRequest } from '../../../commands/request.ts';
import { defaultSettings } from '../../../commands/settings.ts';
import { ScriptedHost } from '../platform-harness.ts';

/** A host with all of Easel's real commands and reactions, whose answers a test sets. */
export class DiscordHost extends ScriptedHost implements PlatformHost {
  override readonly commands: readonly Command[] = commands;
  suggestions: readonly { name: string; value: string }[] = [];
  readonly asked: { request: CommandRequest; option: string; typed: string }[] = [];
  /** What this guild's admin has set. */
  reactions: Readonly<Record<string, string | null>> = {};

  override async dispatch(request: CommandRequest) {
    this.requests.push(request);
    this.replyTo = request.replyTo;
    return this.answer(request);
  }

  override async reactionCommand(_guild?: string, reaction = ''): Promise<string | null> {
    return commandOfReaction(reaction, { ...defaultSettings, reactions: this.reactions }, commands);
  }

  override async suggest(request?: CommandRequest, option = '', typed = '') {
    if (request !== undefined) this.asked.push({ request, option, typed });
    return this.suggestions;
  }

  get lastRequest(): CommandRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('Nothing was asked yet.');
    return last;
  }
}
