import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFlags, writeFlags } from '../../../../bot/web/page/flags.js';
import { parseTextOptions } from '../../../../commands/text-options.ts';

describe('the options dialog and the line', () => {
  it('reads what the line gives', () => {
    const line = '/imagine a cat --seed 7 --private --negative "blurry, \\"dark\\"" --size=256x256';
    expect(readFlags(line)).toEqual({ seed: '7', private: 'on', negative: 'blurry, "dark"', size: '256x256' });
  });

  it('writes options in place of the old ones', () => {
    expect(writeFlags('/imagine a cat --seed 7', { seed: '8', steps: '' })).toBe('/imagine a cat --seed 8');
    expect(writeFlags('a --seed 7 cat', { seed: '', steps: '5' })).toBe('a cat --steps 5');
    expect(writeFlags('a cat --style oil', { seed: '1' })).toBe('a cat --style oil --seed 1');
  });

  it('writes what commands read back, whatever was typed', () => {
    const definitions = {
      prompt: { type: 'string', description: '', maxLength: 4000 },
      style: { type: 'string', description: '', maxLength: 4000 },
    } as const;
    const value = fc.string({ minLength: 1 }).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(value, (style) => {
        const line = writeFlags('a cat', { style });
        expect(parseTextOptions(definitions, line)).toEqual({ prompt: 'a cat', style });
        expect(readFlags(line)).toEqual({ style });
      }),
    );
  });
});
