import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { parseOptions } from '../../commands/parse-options.ts';
import { imagine } from '../../commands/pictures/imagine.ts';
import { UserError } from '../../commands/request.ts';
import { parseCommandLine, parseTextOptions } from '../../commands/text-options.ts';

const read = (text: string) => parseTextOptions(imagine.options, text);

describe('text and flags', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a cat in the snow', { prompt: 'a cat in the snow' }],
    [
      'a cat in the snow --size 256x256 --seed 7 --negative "blurry"',
      { prompt: 'a cat in the snow', size: '256x256', seed: '7', negative: 'blurry' },
    ],
    ['--seed 7 a cat', { prompt: 'a cat', seed: '7' }],
    ['a cat --seed=7 in the snow', { prompt: 'a cat in the snow', seed: '7' }],
    [
      'a cat --negative blurry, low quality --steps 5',
      { prompt: 'a cat', negative: 'blurry, low quality', steps: '5' },
    ],
    ['a cat --negative "--seed 7 \\"x\\""', { prompt: 'a cat', negative: '--seed 7 "x"' }],
    ['a cat --negative ""', { prompt: 'a cat', negative: '' }],
    ['a cat --private', { prompt: 'a cat', private: true }],
    ['--private a cat', { prompt: 'a cat', private: true }],
    ['a cat --private off', { prompt: 'a cat', private: 'off' }],
    ['a cat —seed 7', { prompt: 'a cat', seed: '7' }],
    ['a cat —sleepy, old— on a wall', { prompt: 'a cat —sleepy, old— on a wall' }],
    ['a "neon" sign\nat night', { prompt: 'a "neon" sign\nat night' }],
    ['a well-lit, semi--dark room', { prompt: 'a well-lit, semi--dark room' }],
    ['a cat --negative “dark, blurry” sleeping', { prompt: 'a cat sleeping', negative: 'dark, blurry' }],
    ['a cat --guidance -3', { prompt: 'a cat', guidance: '-3' }],
    ['', {}],
  ])('%s', (text, options) => {
    expect(read(text)).toEqual(options);
  });

  test.each([
    ['a cat --sead 7', 'There is no option --sead here; there are: prompt, negative, '],
    ['a cat --seed', '--seed needs a value: a whole number from 0 to'],
    ['a cat --seed --steps 5', '--seed needs a value: a whole number from 0 to'],
    ['a cat --seed 7 --seed 8', 'seed is given twice; give it once.'],
    ['a cat --prompt "a dog"', 'prompt is given twice; give it once.'],
  ])('%s', (text, message) => {
    expect(() => read(text)).toThrow(UserError);
    expect(() => read(text)).toThrow(message);
  });

  test.each<[string, Record<string, unknown>]>([
    ['easel-admin quota set 50 pictures day', { amount: '50', unit: 'pictures', window: 'day' }],
    ['easel-admin quota set 50 --window day pictures', { amount: '50', unit: 'pictures', window: 'day' }],
    ['easel-admin quota set 50', { amount: '50' }],
    ['easel-admin quota grant <@U1|ann> 5 pictures', { user: '<@U1|ann>', amount: '5', unit: 'pictures' }],
    ['easel-admin reaction :fire: refine', { reaction: ':fire:', command: 'refine' }],
    ['easel-admin style set noir {prompt}, film noir', { name: 'noir', prompt: '{prompt}, film noir' }],
    ['easel-admin block add hot dogs', { entry: 'hot dogs' }],
  ])('required options take their words in order: %s', (line, options) => {
    expect(parseCommandLine(commands, line).options).toEqual(options);
  });

  test('a command without options takes no text', () => {
    expect(() => parseTextOptions({}, 'hello')).toThrow('This command takes no text, but "hello" was given.');
    expect(parseTextOptions({}, '  ')).toEqual({});
  });

  test('a hostile text is read in linear time', () => {
    const text = `a ${'--'.repeat(100_000)} ${'"'.repeat(100_000)} ${' —'.repeat(100_000)}`;
    expect(read(text)).toEqual({ prompt: text.trim() });
  });
});

describe('whole lines', () => {
  test('the command is found in any case, with and without a slash', () => {
    expect(parseCommandLine(commands, '/imagine a cat').command.name).toBe('imagine');
    expect(parseCommandLine(commands, ' Imagine a cat').options).toEqual({ prompt: 'a cat' });
  });

  test('a longer name wins over a shorter one, and its words may be spaced', () => {
    const some = [
      { ...imagine, name: 'quota' },
      { ...imagine, name: 'quota set' },
    ];
    expect(parseCommandLine(some, 'quota  set  everyone')).toEqual({
      command: some[1],
      options: { prompt: 'everyone' },
    });
    expect(parseCommandLine(some, 'quota settle')).toEqual({ command: some[0], options: { prompt: 'settle' } });
  });

  test('one of a family that is cut short names those of the family', () => {
    expect(() => parseCommandLine(commands, '/easel-admin quota')).toThrow(
      'There is no command "easel-admin quota"; did you mean /easel-admin quota set, /easel-admin quota remove, ' +
        '/easel-admin quota show, /easel-admin quota grant, /easel-admin quota unlimited?',
    );
    expect(() => parseCommandLine(commands, '/easel-admin paws')).toThrow(
      /"easel-admin paws"; did you mean \/easel-admin s/,
    );
  });

  test('an unknown one names the nearest', () => {
    expect(() => parseCommandLine(commands, '/imagin a cat')).toThrow(
      'There is no command "imagin"; did you mean /imagine?',
    );
    expect(() => parseCommandLine(commands, '/zzz')).toThrow('There is no command "zzz"; /help lists them.');
    expect(() => parseCommandLine(commands, '')).toThrow(UserError);
  });
});

test('every set of values survives being written as text', () => {
  const word = fc.stringMatching(/^[a-z0-9'",. äß猫]{1,20}$/).filter((text) => /^[a-z0-9]/.test(text.trim()));
  const values = fc.record(
    {
      prompt: word.map((text) => text.trim()),
      negative: word.map((text) => text.trim()),
      seed: fc.nat(),
      steps: fc.integer({ min: 1, max: 200 }),
      guidance: fc.integer({ min: 0, max: 500 }).map((tenths) => tenths / 10),
      private: fc.boolean(),
      size: fc.constantFrom('256x256', '320x192'),
    },
    { requiredKeys: ['prompt'] },
  );
  fc.assert(
    fc.property(values, fc.boolean(), ({ prompt, ...rest }, first) => {
      const flags = Object.entries(rest).map(([name, value]) => `--${name} ${quoted(value)}`);
      const text = (first ? [prompt, ...flags] : [...flags, prompt]).join(' ');
      expect(parseOptions(imagine.options, read(text))).toEqual({ prompt, ...rest });
    }),
  );

  function quoted(value: unknown): string {
    return typeof value === 'string' ? `"${value.replace(/["\\]/g, '\\$&')}"` : String(value);
  }
});
