import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ContentRule, verdictOf } from '../../commands/content.ts';

const rule = (label: string, threshold: number, action: ContentRule['action']): ContentRule => ({
  label,
  threshold,
  action,
});
const labels = [
  { label: 'safe', score: 0.2 },
  { label: 'suggestive', score: 0.6 },
  { label: 'nude', score: 0.2 },
];

test.each([
  ['nothing is demanded', [], { action: 'allow' }],
  ['the classifier is not sure enough', [rule('nude', 0.3, 'refuse')], { action: 'allow' }],
  ['it is just sure enough', [rule('nude', 0.2, 'refuse')], { action: 'refuse', label: 'nude' }],
  ['the rule allows', [rule('suggestive', 0.5, 'allow')], { action: 'allow' }],
  [
    'the strictest counts',
    [rule('suggestive', 0.5, 'spoiler'), rule('nude', 0.1, 'refuse')],
    { action: 'refuse', label: 'nude' },
  ],
] as const)('where %s', (_, rules, verdict) => {
  expect(verdictOf(labels, rules, 'spoiler')).toEqual(verdict);
});

test('a guild may be stricter than its operator, never milder', () => {
  const severity = { allow: 0, spoiler: 1, refuse: 2 };
  const anyRule = fc.record({
    label: fc.constantFrom('safe', 'suggestive', 'nude'),
    threshold: fc.double({ min: 0, max: 1, noNaN: true }),
    action: fc.constantFrom('allow', 'spoiler', 'refuse'),
  });
  fc.assert(
    fc.property(fc.array(anyRule), (rules) => {
      const [operators, guilds] = [verdictOf(labels, rules, 'spoiler'), verdictOf(labels, rules, 'refuse')];
      expect(severity[guilds.action]).toBeGreaterThanOrEqual(severity[operators.action]);
      expect(guilds.action === 'allow').toBe(operators.action === 'allow');
    }),
  );
});
