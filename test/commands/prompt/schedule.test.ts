import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { promptAt, promptsOfSteps } from '../../../commands/prompt/schedule.ts';

/** What the AUTOMATIC1111 web UI gives for ten steps (its own examples, and its rules for the rest). */
describe('words that change over ten steps', () => {
  it.each<[string, string]>([
    ['a [cat:dog:0.4]', 'a cat×4 a dog×6'],
    ['a [cat:dog:3] b', 'a cat b×3 a dog b×7'],
    ['[cat:5]', '×5 cat×5'],
    ['[cat::5]', 'cat×5 ×5'],
    ['[cat:dog: .25 ]', 'cat×2 dog×8'],
    ['[cat:dog:1.0]', 'cat×10'],
    ['[cat:dog:0]', 'dog×10'],
    ['[cat:dog:99]', 'cat×10'],
    ['[a|b]', 'a b a b a b a b a b'],
    ['[a||c]', 'a ×1 c a ×1 c a ×1 c a'],
    ['[a:[b:c:6]:3]', 'a×3 b×3 c×4'],
    ['[(a:1.2):[x|y]:8]', '(a:1.2)×8 x y'],
    ['([a:b:5]:1.3)', '(a:1.3)×5 (b:1.3)×5'],
  ])('%s', (prompt, expected) => {
    const texts = promptsOfSteps(prompt, 10);
    const all = Array.from({ length: 10 }, (_, index) => texts[Math.min(index, texts.length - 1)] ?? '');
    const runs = all.reduce<{ text: string; count: number }[]>((before, text) => {
      const last = before.at(-1);
      if (last?.text === text) last.count += 1;
      else before.push({ text, count: 1 });
      return before;
    }, []);
    const written = runs.map(({ text, count }) => (count > 1 || text === '' ? `${text}×${count}` : text));
    expect(written.join(' ')).toBe(expected);
  });
});

test.each([
  'a [cat]',
  '[a:b]',
  '[a:b:c]',
  '[a|b:2]',
  '[a:b|c:3]',
  '\\[a|b\\]',
  '(a|b)',
  '[a:b:0.5',
  'a:b:0.5]',
  '[]',
  '[(a|b)]',
])('%s is as it stands', (prompt) => {
  expect(promptsOfSteps(prompt, 10)).toEqual([prompt]);
});

test('any text is read, and keeps its signs where nothing changes', () => {
  const text = fc.array(fc.constantFrom('[', ']', '(', ')', ':', '|', '\\', 'a', ' b', '0.5', '3'), { maxLength: 40 });
  fc.assert(
    fc.property(text, (parts) => {
      const prompt = parts.join('');
      const texts = promptsOfSteps(prompt, 7);
      expect(texts[0]).toBe(promptAt(prompt, 1, 7));
      if (texts.length === 1) expect(texts).toEqual([prompt]);
    }),
    { numRuns: 2000 },
  );
});

test('deep brackets take no long time', () => {
  const deep = `${'['.repeat(1300)}a${':1]'.repeat(900)}`;
  expect(promptAt(deep, 1, 30).length).toBeGreaterThan(0);
});
