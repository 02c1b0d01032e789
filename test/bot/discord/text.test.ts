import { parse } from 'discord-markdown-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown, markdownText, plainText } from '../../../bot/discord/render/text.ts';
import { displayText } from '../../../bot/display-text.ts';
import { hostileTexts } from '../hostile-texts.ts';

/** What Discord's own grammar makes of a text: the words that are shown, and the kinds of markup that it found. */
function shown(markdown: string): { text: string; markup: string[] } {
  const markup: string[] = [];
  const read = (nodes: readonly Node[]): string =>
    nodes
      .map((node) => {
        if (node.type === 'text') return typeof node.content === 'string' ? node.content : read(node.content ?? []);
        if (node.type === 'br') return '\n';
        if (node.type === 'twemoji') return node.name ?? '';
        markup.push(node.type);
        return '';
      })
      .join('');
  return { text: read(parse(markdown, 'extended') as readonly Node[]), markup };
}

interface Node {
  readonly type: string;
  readonly content?: string | readonly Node[];
  /** The character of an emoji, which is no markup. */
  readonly name?: string;
}

/** Letters, and everything that means something to Discord. */
const markupHeavy = fc
  .array(
    fc.constantFrom(
      ...[
        '*',
        '_',
        '~',
        '`',
        '|',
        '<',
        '>',
        '[',
        ']',
        '(',
        ')',
        ':',
        '@',
        '#',
        '-',
        '+',
        '1.',
        '\\',
        '\n',
        ' ',
        'a',
        'b',
      ],
      ...[
        'everyone',
        'here',
        '<@80351110224678912>',
        '<#103735883630395392>',
        '<t:1618953630:R>',
        '</imagine:80351110224678912>',
        'https://a.b',
        '```',
        '||',
        '# ',
        '- ',
        '-# ',
        '>>> ',
        '🎨',
      ],
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('escapeMarkdown', () => {
  it.each(hostileTexts)('makes plain: $name', ({ text }) => {
    const clean = displayText(text);
    expect(shown(escapeMarkdown(clean))).toEqual({ text: clean, markup: [] });
  });

  it('makes anything plain', () => {
    fc.assert(
      fc.property(markupHeavy, (text) => {
        expect(shown(escapeMarkdown(text))).toEqual({ text, markup: [] });
      }),
      { numRuns: 2000 },
    );
  });

  it('is judged by a grammar that finds markup where there is some', () => {
    expect(shown('**a** <@80351110224678912> @everyone').markup).toEqual(['strong', 'user', 'everyone']);
  });
});

describe('markdownText', () => {
  it('never exceeds its length, and shows the beginning of the text', () => {
    fc.assert(
      fc.property(markupHeavy, fc.integer({ min: 1, max: 80 }), (text, length) => {
        const fitted = markdownText(text, length);
        expect(fitted.length).toBeLessThanOrEqual(length);
        const { text: read, markup } = shown(fitted);
        expect(markup).toEqual([]);
        if (read !== '·') expect(displayText(text).startsWith(read.replace(/…$/, ''))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves what fits whole', () => {
    expect(markdownText('a cat (small), 50 % of it.', 100)).toBe('a cat (small), 50 % of it.');
  });

  it('uses the room that there is', () => {
    expect(markdownText('x'.repeat(4000), 2000)).toBe(`${'x'.repeat(1999)}…`);
  });

  it('cuts between graphemes', () => {
    expect(markdownText('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 12)).toBe('👨‍👩‍👧‍👦…');
  });

  it('shows a dot where nothing is left', () => {
    expect(markdownText('\u200b\u202e ', 10)).toBe('·');
    expect(plainText('\u0000', 10)).toBe('·');
  });
});
