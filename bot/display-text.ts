/**
 * What makes a stranger's text safe to lay out, whatever the platform's markup: that escaping is each adapter's own.
 * Unicode TR 9 (bidirectional controls), TR 36 (security).
 */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Controls other than tab and line feed, invisible separators, byte order marks, lone surrogates. */
const INVISIBLE = /(?![\t\n])[\p{Control}\p{Surrogate}\u00ad\u200b\u2028\u2029\u2060-\u2064\ufeff]/gu;

/** More marks than any writing system stacks on one letter paint over the neighbouring lines. */
const STACKED_MARKS = /(\p{Mark}{8})\p{Mark}+/gu;

/**
 * The text without characters that reorder, hide or paint over what stands beside it. Joiners stay: emoji and several
 * scripts are written with them.
 */
export function displayText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(BIDI_CONTROLS, '').replace(INVISIBLE, '').replace(STACKED_MARKS, '$1');
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** At most `maxLength` UTF-16 units, cut between graphemes, with an ellipsis where something was cut. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, lastBreak(text, 0, maxLength - 1))}…`;
}

/**
 * The last place at or before `at` that lies between graphemes, but after `from`; `from` where one grapheme reaches that far.
 * Only what surrounds the place is looked at: to cut a long text into all of its graphemes takes long.
 */
export function lastBreak(text: string, from: number, at: number): number {
  return Math.max(from, graphemes.segment(text).containing(at)?.index ?? text.length);
}
