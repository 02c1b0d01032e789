import type { types } from '@slack/bolt';
import { displayText, lastBreak } from '../../display-text.ts';

/**
 * Slack reads `&`, `<` and `>` as control characters in every text, and decodes exactly these three entities.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

export function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}

/** What Slack escaped in a command's text, as the person typed it. */
export function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/**
 * Cleaned and escaped text of at most `maxLength` characters, cut between graphemes (so never inside an entity), with an
 * ellipsis where something was cut.
 */
export function fitText(text: string, maxLength: number): string {
  return splitText(text, maxLength, 1).join('');
}

/**
 * Cleaned and escaped text in at most `maxParts` parts of at most `maxLength` characters each; the last ends with an
 * ellipsis where something did not fit.
 */
export function splitText(text: string, maxLength: number, maxParts: number): string[] {
  const clean = displayText(text);
  const whole = escapeText(clean);
  if (whole.length <= maxLength) return [whole];
  const parts: string[] = [];
  for (let start = 0; start < clean.length; ) {
    const isLast = parts.length === maxParts - 1;
    const rest = escapeText(clean.slice(start, start + maxLength));
    if (start + maxLength >= clean.length && rest.length <= maxLength) return [...parts, rest];
    const fitting = lengthThatFits(clean, start, maxLength - (isLast ? 1 : 0));
    const between = lastBreak(clean, start, fitting);
    // One grapheme that is longer than a part is cut all the same.
    const end = between > start || isLast ? between : fitting;
    const part = escapeText(clean.slice(start, end));
    if (isLast) return [...parts, `${part}…`];
    parts.push(part);
    start = end;
  }
  return parts;
}

/** How far text from `start` fits into so many characters once it is escaped. */
function lengthThatFits(text: string, start: number, maxLength: number): number {
  let room = maxLength;
  for (let end = start; end < text.length; end++) {
    room -= ENTITIES[text.charAt(end)]?.length ?? 1;
    if (room < 0) return end;
  }
  return text.length;
}

/**
 * A text object in which nothing is markup: no mention, no formatting, no link. Slack refuses an empty one, so text of
 * which nothing is left shows as a dot.
 */
export function plainText(text: string, maxLength: number): types.PlainTextElement {
  const fitted = fitText(text, maxLength);
  return { type: 'plain_text', text: fitted.trim() === '' ? '·' : fitted, emoji: false };
}
