import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { de } from '../../commands/locale/de.ts';
import type { OptionDefinitions } from '../../commands/options.ts';
import { MAX_SEED } from '../../commands/parameters/seed.ts';
import { parseOptions } from '../../commands/parse-options.ts';
import { imagine } from '../../commands/pictures/imagine.ts';
import { UserError } from '../../commands/request.ts';

const definitions = {
  prompt: { type: 'string', required: true, maxLength: 20, multiline: true, description: 'What to draw' },
  negative: { type: 'string', minLength: 0, maxLength: 20, description: 'What not' },
  refine: { type: 'string', maxLength: 4, choices: ['auto', 'on', 'off'], description: 'Refiner' },
  seed: { type: 'integer', min: 0, max: MAX_SEED, description: 'Seed' },
  guidance: { type: 'number', min: 0, max: 50, description: 'Guidance' },
  private: { type: 'boolean', description: 'Private' },
  who: { type: 'user', description: 'Who' },
  where: { type: 'channel', description: 'Where' },
  as: { type: 'role', description: 'As' },
  picture: { type: 'attachment', description: 'Start' },
} as const satisfies OptionDefinitions;

const parse = (raw: Record<string, unknown>) => parseOptions(definitions, { prompt: 'a cat', ...raw });
const messageOf = (raw: Record<string, unknown>): string => {
  try {
    parse(raw);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  throw new Error('It was accepted.');
};

describe('what is possible', () => {
  test('typed values, words and form strings mean the same', () => {
    expect(parse({ seed: 7, guidance: 5, private: true })).toEqual(
      parse({ seed: '7', guidance: ' 5.0', private: 'on' }),
    );
  });

  test('choices are found in any case', () => {
    expect(parse({ refine: 'ON' }).refine).toBe('on');
  });

  test('what was left out is undefined, and an empty text is left out unless it means something', () => {
    expect(parse({ refine: '', negative: '', seed: '' })).toEqual({ prompt: 'a cat', negative: '' });
    expect(parse({ seed: null }).seed).toBeUndefined();
  });

  test.each([
    ['who', '<@123456789012345678>', '123456789012345678'],
    ['who', '<@!123>', '123'],
    ['who', '<@U12AB|kim>', 'U12AB'],
    ['who', '9007199254740993', '9007199254740993'],
    ['where', '<#C12|general>', 'C12'],
    ['as', '<@&77>', '77'],
    ['as', '<!subteam^S7|@team>', 'S7'],
  ])('%s %s', (name, given, id) => {
    expect(parse({ [name]: given })).toMatchObject({ [name]: id });
  });

  test('an attachment is handed on as it is', () => {
    const picture = { name: 'a.png', contentType: null, byteLength: null, fetch: async () => new Uint8Array() };
    expect(parse({ picture }).picture).toBe(picture);
  });

  test('what neither SQL nor a tokenizer takes is gone from texts', () => {
    expect(parse({ prompt: ' a\0 cat\ud800\r\nhere\u0007 ' }).prompt).toBe('a cat\nhere');
  });
});

describe('what is not possible is one line that names the option, what was given and what is allowed', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ prompt: '' }, 'prompt is missing: What to draw'],
    [{ prompt: ' \u200b\n' }, 'prompt is missing: What to draw'],
    [{ prompt: 'x'.repeat(5000) }, 'prompt: 5,000 characters is not possible; it takes text of at most 20 characters.'],
    [{ refine: 'perhaps' }, 'refine: "perhaps" is not possible; it takes one of auto, on, off.'],
    [{ seed: -1 }, 'seed: "-1" is not possible; it takes a whole number from 0 to 9,007,199,254,740,991.'],
    [
      { seed: '9007199254740992' },
      'seed: "9007199254740992" is not possible; it takes a whole number from 0 to 9,007,199,254,740,991.',
    ],
    [{ seed: '1.5' }, 'seed: "1.5" is not possible; it takes a whole number from 0 to 9,007,199,254,740,991.'],
    [{ guidance: 'NaN' }, 'guidance: "NaN" is not possible; it takes a number from 0 to 50.'],
    [{ guidance: Number.NaN }, 'guidance: "NaN" is not possible; it takes a number from 0 to 50.'],
    [{ guidance: '1e1' }, 'guidance: "1e1" is not possible; it takes a number from 0 to 50.'],
    [{ private: 'maybe' }, 'private: "maybe" is not possible; it takes on or off.'],
    [{ who: 'the boss!' }, 'who: "the boss!" is not possible; it takes a person.'],
    [{ picture: 'cat.png' }, 'picture: "cat.png" is not possible; it takes a file.'],
    [{ sede: 7 }, `There is no option "sede" here; there are: ${Object.keys(definitions).join(', ')}.`],
    [
      JSON.parse('{"__proto__": 1}'),
      `There is no option "__proto__" here; there are: ${Object.keys(definitions).join(', ')}.`,
    ],
  ])('case %#', (raw, message) => {
    expect(messageOf(raw)).toBe(message);
  });

  test('in the language of the person', () => {
    expect(() => parseOptions(definitions, { prompt: 'a', private: 'x' }, de)).toThrow(
      'private: "x" geht nicht; möglich ist on oder off.',
    );
  });
});

test('any raw values either parse to what the definitions promise or give one short line', () => {
  const raw = fc.dictionary(
    fc.constantFrom(...Object.keys(imagine.options)),
    fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.double(), fc.boolean(), fc.constant(null), fc.object()),
  );
  fc.assert(
    fc.property(raw, (given) => {
      try {
        const values = parseOptions(imagine.options, given);
        expect(values.prompt.length).toBeGreaterThan(0);
        expect(values.prompt).not.toMatch(/[\0\p{Cs}]/u);
        for (const [name, value] of Object.entries(values)) {
          const definition: { type: string; min?: number; max?: number } = Object(imagine.options)[name];
          if (definition.type === 'integer' && value !== undefined) expect(Number.isSafeInteger(value)).toBe(true);
          if (definition.min !== undefined && value !== undefined) expect(value).toBeGreaterThanOrEqual(definition.min);
          if (definition.max !== undefined && value !== undefined) expect(value).toBeLessThanOrEqual(definition.max);
        }
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        expect(error.message).not.toContain('\n');
        expect(error.message.length).toBeLessThan(300);
      }
    }),
    { numRuns: 200 },
  );
});
