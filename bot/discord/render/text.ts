import { cutText, displayText, lastBreak } from '../../display-text.ts';

/**
 * Characters that mean something in Discord's markdown anywhere (`:` for links, emoji and timestamps; `@` and `<` for
 * mentions). A backslash before them makes them plain.
 */
const MARKUP = /[\\*_~`|<>[\]:@#]/g;
/** Lists, which begin a line only: `- a`, `+ a`, `1. a`. */
const LIST = /^([ \t]*)(?:([-+])|(\d{1,9})\.)(?=[ \t])/gm;

/** The text so that Discord shows it as it is: no mention, link, emoji, formatting or layout. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(MARKUP, '\\$&')
    .replace(LIST, (_match, indent: string, bullet?: string, number?: string) =>
      bullet === undefined ? `${indent}${number}\\.` : `${indent}\\${bullet}`,
    );
}

/** Discord refuses an empty text, so text of which nothing is left shows as a dot. */
const NOTHING = '·';

/**
 * Cleaned and escaped text of at most `maxLength` UTF-16 units, cut between graphemes (so never inside an escape), with an
 * ellipsis where something was cut.
 */
export function markdownText(text: string, maxLength: number): string {
  const clean = displayText(text);
  if (clean.trim() === '') return NOTHING;
  const whole = escapeMarkdown(clean);
  if (whole.length <= maxLength) return whole;
  let [end, length] = [0, 0];
  for (; end < clean.length; end++) {
    // At the beginning of a line a list's bullet may be escaped too: count on the worst case.
    length += /[\\*_~`|<>[\]:@#+.-]/.test(clean.charAt(end)) ? 2 : 1;
    if (length > maxLength - 1) break;
  }
  return `${escapeMarkdown(clean.slice(0, lastBreak(clean, 0, end)))}…`;
}

/** Cleaned text where Discord knows no markup (labels, titles of forms, text alternatives). */
export function plainText(text: string, maxLength: number): string {
  const clean = cutText(displayText(text), maxLength);
  return clean.trim() === '' ? NOTHING : clean;
}
