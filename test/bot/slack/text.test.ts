import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, fitText, plainText, splitText, unescapeText } from '../../../bot/slack/render/text.ts';
import { hostileTexts } from '../hostile-texts.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('<', '>', '&', '!channel', '@U1', '|', 'a', '👨‍👩‍👧‍👦', '\u202e') }),
  fc.constantFrom(...hostileTexts.map(({ text }) => text)),
);

describe('text for Slack', () => {
  it('escapes the three control characters, and nothing else', () => {
    expect(escapeText('<!channel> & "x" \'y\'')).toBe('&lt;!channel&gt; &amp; "x" \'y\'');
    expect(unescapeText('&lt;b&gt; &amp;lt; &quot;')).toBe('<b> &lt; &quot;');
  });

  it('gives back what was escaped', () => {
    fc.assert(fc.property(anyText, (text) => unescapeText(escapeText(text)) === text));
  });

  it('never exceeds its length, never cuts an entity, and holds no control sequence', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 200 }), (text, max) => {
        const fitted = fitText(text, max);
        expect(fitted.length).toBeLessThanOrEqual(max);
        expect(fitted).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }),
    );
  });

  it('splits without losing anything where there is room', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '<', '&', ' ', 'é') }),
        fc.integer({ min: 5, max: 50 }),
        (text, max) => {
          const parts = splitText(text, max, 1000);
          expect(parts.join('')).toBe(escapeText(text));
          for (const part of parts) expect(part.length).toBeLessThanOrEqual(max);
        },
      ),
    );
  });

  it('ends with an ellipsis where there is no room', () => {
    expect(splitText('abcdefgh', 3, 2)).toEqual(['abc', 'de…']);
    expect(fitText('a<b', 5)).toBe('a…');
  });

  it('shows a dot where nothing is left, since Slack refuses an empty text', () => {
    expect(plainText('\u200b\u202e', 75)).toEqual({ type: 'plain_text', text: '·', emoji: false });
  });
});
