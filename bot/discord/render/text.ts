import { cutText, displayText } from '../../display-text.ts';

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

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

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
  // Escaping makes text only longer, so no more than this can be kept; of a cut grapheme at its end there is no room.
  const candidate = clean.slice(0, maxLength);
  let length = 0;
  let end = 0;
  for (const { segment, index } of graphemes.segment(candidate)) {
    // At the beginning of a line a list's bullet may be escaped too: count on the worst case.
    length += escapeMarkdown(segment).length + (/^[-+.]/.test(segment) ? 1 : 0);
    if (length > maxLength - 1) break;
    end = index + segment.length;
  }
  return `${escapeMarkdown(candidate.slice(0, end))}…`;
}

/** Cleaned text where Discord knows no markup (labels, titles of forms, text alternatives). */
export function plainText(text: string, maxLength: number): string {
  const clean = cutText(displayText(text), maxLength);
  return clean.trim() === '' ? NOTHING : clean;
}
