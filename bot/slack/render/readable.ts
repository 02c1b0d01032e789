import type { OptionDefinition } from '../../../commands/options.ts';
import { unescapeText } from './text.ts';

/** What ids of people, channels and user groups are called, and what stands for one without a name. */
export interface Names {
  readonly of: ReadonlyMap<string, string>;
  readonly unknown: Readonly<Record<'user' | 'channel' | 'group', string>>;
}

const REFERENCE = /<([@#!]?)([^|<>\s][^|<>\n]*)(?:\|([^<>]*))?>/g;
const LINK = /^(?:https?|mailto|tel):/;

/** The people and channels that a text names by their ids alone. */
export function unnamedIds(text: string): { readonly users: readonly string[]; readonly channels: readonly string[] } {
  const unnamed = [...text.matchAll(REFERENCE)].filter(([, , , label]) => label === undefined || label === '');
  const ids = (sign: string): readonly string[] => [
    ...new Set(unnamed.flatMap(([, mark, id]) => (mark === sign && id !== undefined ? [id] : []))),
  ];
  return { users: ids('@'), channels: ids('#') };
}

/**
 * References of a text as the words that the person saw: `<@U1|ann>` is @ann, `<https://a.b|a.b>` is a.b, a date is what it says.
 * The text is still escaped, so whatever stands in angle brackets is Slack's own.
 */
export function readableReferences(text: string, { of, unknown }: Names): string {
  return text.replace(REFERENCE, (whole, sign: string, id: string, given: string | undefined) => {
    const label = given === '' ? undefined : given;
    if (sign === '@') return `@${label ?? of.get(id) ?? unknown.user}`;
    if (sign === '#') return `#${label ?? of.get(id) ?? unknown.channel}`;
    if (sign === '!') return special(id, label, unknown.group);
    return LINK.test(id) ? (label ?? id.replace(/^(?:mailto|tel):/, '')) : whole;
  });
}

/** `<!here>`, `<!subteam^S1|@crew>`, `<!date^1392734382^{date}|Feb 18, 2014>`. */
function special(id: string, label: string | undefined, group: string): string {
  const [kind, value = ''] = id.split('^');
  if (kind === 'date') return label ?? dayOf(Number(value));
  return `@${(label ?? (kind === 'subteam' ? group : id)).replace(/^@/, '')}`;
}

function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 16).replace('T', ' ');
}

/** Not in the middle of words, numbers (10:30:45) or tags (<lora:name:0.8>). */
const EMOJI = /(?<![\w:]):([a-z0-9_+'-]{1,100}):(?::skin-tone-\d:)?(?![\w:])/g;
const EMOJI_WORDS: Readonly<Record<string, string>> = { '+1': 'thumbs up', '-1': 'thumbs down' };

/** What Slack makes of signs in somebody's prose as the words that were meant: `:smiling_cat:` is smiling cat, ’ is an apostrophe. */
export function readableProse(text: string): string {
  return text
    .replace(EMOJI, (whole, name: string) => {
      if (EMOJI_WORDS[name] !== undefined) return EMOJI_WORDS[name];
      return /[a-z]/.test(name) ? name.replace(/[_-]+/g, ' ').trim() : whole;
    })
    .replace(/[‘’‚‛]/g, "'")
    .replace(/[“”„‟]/g, '"');
}

/** An option's value as the person typed and read it. Prose is what takes several lines: elsewhere a sign may be meant. */
export function readableValue(text: string, definition: OptionDefinition | undefined, names: Names): string {
  const plain = unescapeText(readableReferences(text, names));
  return isProse(definition) ? readableProse(plain) : plain;
}

export function isProse(definition: OptionDefinition | undefined): boolean {
  return definition?.type === 'string' && definition.multiline === true;
}
