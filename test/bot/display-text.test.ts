import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, displayText } from '../../bot/display-text.ts';
import { hostileTexts } from './hostile-texts.ts';

describe('displayText', () => {
  it('leaves what people write as it is', () => {
    for (const text of ['a cat\nin the snow', 'שלום', 'مرحبا', '👨‍👩‍👧‍👦', 'می‌خواهم', 'é́', 'a\tb'])
      expect(displayText(text)).toBe(text);
  });

  it('removes what reorders, hides or paints over', () => {
    expect(displayText('a\u202egnp.exe\u202c')).toBe('agnp.exe');
    expect(displayText('@\u200beveryone\ufeff')).toBe('@everyone');
    expect(displayText('a\ud83db')).toBe('ab');
    expect(displayText('a\r\nb\rc')).toBe('a\nb\nc');
    expect(displayText(`z${'\u0351'.repeat(500)}`)).toBe(`z${'\u0351'.repeat(8)}`);
  });

  it('has nothing left to remove the second time', () => {
    const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostileTexts.map(({ text }) => text)));
    fc.assert(fc.property(anyText, (text) => displayText(displayText(text)) === displayText(text)));
  });
});

describe('cutText', () => {
  it('cuts between graphemes and says so', () => {
    expect(cutText('a cat', 5)).toBe('a cat');
    expect(cutText('a cat in', 5)).toBe('a ca…');
    expect(cutText('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 15)).toBe('👨‍👩‍👧‍👦…');
    expect(cutText('👨‍👩‍👧‍👦', 5)).toBe('…');
  });

  it('never exceeds its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        expect(cutText(text, max).length).toBeLessThanOrEqual(max);
      }),
    );
  });
});
