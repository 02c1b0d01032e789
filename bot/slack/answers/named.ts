import type { MessageReply } from '../../../commands/reply.ts';
import type { People } from '../acts/people.ts';

/** Each costs a call of tier 4, a hundred a minute; a longer list keeps its ids. */
const MAX_NAMED = 20;

/**
 * A reply with people's names in place of their ids. They are words, and not mentions: those would notify. What user groups
 * and channels are called Slack tells only to apps with further scopes, so their ids stay.
 */
export async function named(reply: MessageReply, people: People): Promise<MessageReply> {
  const ids = (reply.mentions ?? []).flatMap(({ kind, id }) => (kind === 'user' ? [id as string] : []));
  if (ids.length === 0) return reply;
  const names = new Map(
    await Promise.all(
      [...new Set(ids)]
        .slice(0, MAX_NAMED)
        .map(async (id): Promise<[string, string]> => [id, `@${(await people.find(id)).actor.name}`]),
    ),
  );
  const withNames = (text: string): string => text.replace(/\b[UW][A-Z0-9]+\b/g, (id) => names.get(id) ?? id);
  return {
    ...reply,
    text: withNames(reply.text),
    ...(reply.fields && { fields: reply.fields.map(({ name, value }) => ({ name, value: withNames(value) })) }),
  };
}
