import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeLoras } from '../../../commands/prompt/complete-loras.ts';
import { findCut } from '../../../commands/prompt/cut-names.ts';

const names = ['film grain', 'grain', 'ink', 'watercolour'];
const long = (end: string) =>
  `${'a very long name that somebody downloaded with its version and all '.repeat(2)}${end}`;

describe('completing LoRAs', () => {
  test('those that begin so come before those that contain it', () => {
    expect(completeLoras('gr', names, 100)).toEqual(['grain', 'film grain']);
    expect(completeLoras('', names, 100)).toEqual(names);
    expect(completeLoras('tar', names, 100)).toEqual([]);
  });

  test('of a list the last entry is completed, and keeps its weight', () => {
    expect(completeLoras('ink:0.5,WATER:0.8', names, 100)).toEqual(['ink:0.5, watercolour:0.8']);
    expect(completeLoras('ink, ', names, 100)).toContain('ink, grain');
  });

  test('a name that is too long is cut so that it still means one', () => {
    const all = [long('v1'), long('v2'), ...names];
    const suggested = completeLoras('a very', all, 100);
    expect(suggested).toHaveLength(2);
    expect(
      suggested.map(
        (text) =>
          findCut(
            text,
            all.map((name) => ({ name })),
          )?.name,
      ),
    ).toEqual(all.slice(0, 2));
    expect(suggested.every((text) => text.length <= 100 && text.startsWith('a very long'))).toBe(true);
  });

  test('a list that is too long is cut, its weights kept', () => {
    const all = [long('v1'), ...names];
    const [list = ''] = completeLoras(`film grain:0.5, ${long('v1')}:0.8, water:-1`, all, 100);
    expect(list.length).toBeLessThanOrEqual(100);
    expect(list).toMatch(/^film grain:0.5, a very.*…:0.8, watercolour:-1$/);
  });

  test('whatever there is, a suggestion fits and means what it stands for', () => {
    const name = fc.stringMatching(/^[a-c/. -]{1,140}$/).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 6, selector: (text) => text.toLowerCase() }), (all) => {
        const known = all.map((one) => ({ name: one }));
        for (const text of completeLoras('', all, 100)) {
          expect(text.length).toBeLessThanOrEqual(100);
          expect(all.includes(text) || findCut(text, known) !== undefined).toBe(true);
        }
      }),
    );
  });
});
