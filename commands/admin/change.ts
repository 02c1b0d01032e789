import { en } from '../locale/en.ts';
import type { ListKind } from '../locale/en-admin.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import type { Mention, MessageReply } from '../reply.ts';
import { type CommandRequest, UserError } from '../request.ts';
import type { Services } from '../services.ts';
import type { GuildSettings } from '../settings.ts';

/**
 * Changes the guild's settings with an entry in the audit log, and says so to the admin in their language; `mentions` are
 * those whom the action names.
 */
export async function change(
  request: CommandRequest,
  services: Services,
  action: (messages: Messages) => string,
  edit: (settings: GuildSettings) => GuildSettings,
  mentions: readonly Mention[] = [],
): Promise<MessageReply> {
  const { guild, user } = request.origin;
  await services.settings.change({ guild, by: user, action: action(en), mentions, edit });
  return done(request, action, mentions);
}

/** As `change`, for what is not a setting. */
export async function note(
  request: CommandRequest,
  services: Services,
  action: (messages: Messages) => string,
  mentions: readonly Mention[] = [],
): Promise<MessageReply> {
  const { guild, user } = request.origin;
  await services.settings.note({ guild, by: user, action: action(en), mentions });
  return done(request, action, mentions);
}

function done(
  request: CommandRequest,
  action: (messages: Messages) => string,
  mentions: readonly Mention[],
): MessageReply {
  return {
    kind: 'message',
    visibility: 'private',
    tone: 'success',
    text: action(messagesFor(request.actor.locale)),
    mentions,
  };
}

/** A list with an entry, once. */
export function including<T>(list: readonly T[], entry: T): T[] {
  return list.includes(entry) ? [...list] : [...list, entry];
}

/** A list without an entry. Throws a `UserError` where it is not there, so that nobody believes it gone. */
export function excluding<T extends string>(
  list: readonly T[],
  entry: T,
  kind: ListKind,
  request: CommandRequest,
): T[] {
  if (!list.includes(entry)) {
    throw new UserError('not_listed', messagesFor(request.actor.locale).admin.notListed(kind, entry));
  }
  return list.filter((other) => other !== entry);
}
