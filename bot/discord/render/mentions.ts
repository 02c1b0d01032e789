import type { Mention } from '../../../commands/reply.ts';
import { markdownText } from './text.ts';

const marks = { user: '@', role: '@&', channel: '#' } as const;
/** What `<@&…>` adds to an id. */
const MARK_LENGTH = 4;
const SNOWFLAKES = /\b\d{15,20}\b/g;

/**
 * As `markdownText`, but ids of those who are mentioned become what Discord shows by name. It notifies nobody:
 * `allowed_mentions` has the last word.
 */
export function mentioningText(text: string, maxLength: number, mentions: readonly Mention[]): string {
  const shown = new Map<string, string>(mentions.map(({ kind, id }) => [id, `<${marks[kind]}${id}>`]));
  const named = [...text.slice(0, maxLength).matchAll(SNOWFLAKES)].filter(([id]) => shown.has(id)).length;
  return markdownText(text, maxLength - named * MARK_LENGTH).replace(SNOWFLAKES, (id) => shown.get(id) ?? id);
}
