import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { findBlocked } from '../../commands/blocked-words.ts';
import { commands } from '../../commands/index.ts';
import { commandOfReaction } from '../../commands/reactions.ts';
import { UserError } from '../../commands/request.ts';
import { defaultSettings, type GuildSettings, parseSettings } from '../../commands/settings.ts';
import { ask, type Person } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
});
const rule = (settings: Partial<Record<keyof GuildSettings, unknown>>): void => {
  services.store.settings.set('guild', parseSettings(settings));
};
const imagine = (options: Record<string, unknown> = {}, person: Person = {}) =>
  ask(services, 'imagine', { prompt: 'a cat', ...options }, person);

describe('what a guild forbids is refused, naming the rule', () => {
  test.each<[string, Partial<Record<keyof GuildSettings, unknown>>, Record<string, unknown>, string]>([
    ['paused', { paused: true }, {}, 'Easel is paused here'],
    ['banned', { banned: ['ann'] }, {}, 'You may not use Easel here'],
    ['channel', { allowedChannels: ['other'] }, {}, 'does not draw in this channel'],
    ['model', { allowedModels: ['big'] }, {}, 'The model mini is not allowed here; there are: big.'],
    ['style', { allowedStyles: ['photo'] }, { style: 'comic' }, 'style: "comic" is not known here; there are: photo.'],
    ['size', { maxPixels: 65_535 }, {}, 'size: 256x256 is larger than is allowed here: 65,535 pixels in all.'],
    ['steps', { maxSteps: 10 }, {}, 'steps: 20 is more than is allowed here: 10.'],
    ['words', { blocked: ['dog*'] }, { prompt: 'two DÓGS' }, 'The prompt contains "dog*", which is blocked here.'],
    ['adult', {}, { prompt: 'a nude' }, 'only in channels that are restricted by age'],
    ['adult', { adult: 'never' }, { prompt: 'a nude' }, 'Adult prompts are not allowed here.'],
  ])('%s', async (_name, settings, options, message) => {
    rule(settings);
    await expect(imagine(options)).rejects.toThrow(message);
    expect(services.accepted).toEqual([]);
  });

  test.each(['c\\at', '(c:1)(at:1)', 'c(:1)at'])('a blocked word that only the model reads: %s', async (prompt) => {
    rule({ blocked: ['cat'] });
    await expect(imagine({ prompt })).rejects.toThrow('The prompt contains "cat"');
    expect(services.accepted).toEqual([]);
  });

  test.each(['c[a|x]t', '[dog:c:0.5]at', 'a dog AND c(:1)at :0.2', '[[x|c]at::7]'])(
    'a blocked word that the model reads at some step: %s',
    async (prompt) => {
      rule({ blocked: ['cat'] });
      await expect(imagine({ prompt })).rejects.toThrow('The prompt contains "cat"');
      await expect(imagine({ prompt: 'a dog', negative: `(${prompt.replace(' AND ', ' ')}:-1)` })).rejects.toThrow(
        '"cat"',
      );
    },
  );

  test('words that change into more texts than the rules read', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `w${index}`).join('|');
    await expect(imagine({ prompt: `[${many}]`, steps: 100 })).rejects.toThrow(
      'its brackets make 60 different prompts over the steps; at most 40 are read',
    );
    await expect(imagine({ prompt: 'a AND b AND c AND d AND e AND f AND g' })).rejects.toThrow('AND joins 7 prompts');
  });

  test('an adult word that only the model reads', async () => {
    await expect(imagine({ prompt: '(na:1)(ked:1)' })).rejects.toThrow('restricted by age');
  });

  test('a negative prompt keeps a blocked word out, unless a negative weight turns it round', async () => {
    rule({ blocked: ['cat'] });
    await imagine({ prompt: 'a dog', negative: 'cat, (cat:1.4)' });
    expect(services.accepted).toHaveLength(1);
    await expect(imagine({ prompt: 'a dog', negative: '(cat:-1)' })).rejects.toThrow('The prompt contains "cat"');
    await expect(imagine({ prompt: 'a dog (cat:-1)' })).rejects.toThrow('The prompt contains "cat"');
  });

  test('what it allows is drawn', async () => {
    rule({ allowedChannels: ['channel'], allowedModels: ['mini'], maxPixels: 65_536, maxSteps: 20, blocked: ['dog'] });
    await imagine({ prompt: 'hot dogs' });
    await imagine({ prompt: 'a nude' }, { ageRestricted: true });
    expect(services.accepted).toHaveLength(2);
  });

  test('every command that draws is held to it', async () => {
    await imagine({ seed: 1, refine: 'off' });
    const [picture] = services.finishLast();
    rule({ paused: true });
    for (const command of ['refine', 'upscale', 'vary', 'again', 'reproduce']) {
      const target = command === 'reproduce' ? picture?.recipeId : picture?.id;
      await expect(ask(services, command, { target }), command).rejects.toThrow('Easel is paused here');
    }
  });
});

test.each(['forum', 'category'])(
  'an allowed %s means what is in it, and a refusal names where one may draw',
  async (place) => {
    rule({ allowedChannels: [place] });
    await imagine({}, { channel: 'post', within: ['forum', 'category'] });
    expect(services.accepted).toHaveLength(1);
    const refused = imagine({}, { channel: 'other', within: ['elsewhere'] });
    await expect(refused).rejects.toThrow(`Easel does not draw in this channel, but in: ${place}.`);
    await expect(refused).rejects.toMatchObject({ mentions: [{ kind: 'channel', id: place }] });
  },
);

test('a denied channel means what is in it, and of several entries the nearest decides', async () => {
  const post = { channel: 'post', within: ['forum', 'category'] };
  rule({ deniedChannels: ['forum'] });
  await expect(imagine({}, post)).rejects.toThrow('Easel does not draw in this channel.');
  await imagine({}, { channel: 'other', within: ['category'] });
  rule({ allowedChannels: ['post'], deniedChannels: ['category'] });
  await imagine({}, post);
  rule({ allowedChannels: ['category'], deniedChannels: ['forum'] });
  await expect(imagine({}, post)).rejects.toThrow('Easel does not draw in this channel, but in: category.');
  await imagine({}, { channel: 'other', within: ['category'] });
  expect(services.accepted).toHaveLength(3);
});

describe('in a direct conversation', () => {
  const direct = { guild: '@me', direct: true, channel: 'dm' };

  test.each<[string, Partial<Record<keyof GuildSettings, unknown>>, Record<string, unknown>, string]>([
    ['a ban', { banned: ['ann'] }, {}, 'You may not use Easel here'],
    ['a blocked word', { blocked: ['cat'] }, {}, 'The prompt contains "cat"'],
    ['a limit', { maxSteps: 10 }, { steps: 50 }, 'steps: 50 is more than is allowed'],
  ])('%s of a guild is not walked around', async (_name, settings, options, message) => {
    rule(settings);
    await expect(imagine(options, direct)).rejects.toThrow(message);
    expect(services.accepted).toEqual([]);
  });
});

describe('what is sent is looked at last', () => {
  const sent = () => {
    let fetched = 0;
    const file = {
      name: 'photo.png',
      contentType: 'image/png',
      byteLength: 3,
      fetch: async () => {
        fetched++;
        return new Uint8Array([1, 2, 3]);
      },
    };
    return { file, fetched: () => fetched };
  };

  test.each<[string, Partial<Record<keyof GuildSettings, unknown>>, Record<string, unknown>]>([
    ['a ban', { banned: ['ann'] }, {}],
    ['a pause', { paused: true }, {}],
    ['a channel', { allowedChannels: ['other'] }, {}],
    ['a blocked word', { blocked: ['cat'] }, {}],
    ['a wrong option', {}, { size: 'nonsense' }],
    ['too many steps', { maxSteps: 10 }, {}],
  ])('%s comes before the file', async (_name, settings, options) => {
    rule(settings);
    const { file, fetched } = sent();
    await expect(imagine({ picture: file, mask: file, ...options })).rejects.toThrow();
    expect(fetched()).toBe(0);
    expect(services.store.blobs.size).toBe(0);
  });

  test('a quota comes before the file', async () => {
    services.refuseRoom = () => {
      throw new UserError('quota', 'No more today.');
    };
    const { file, fetched } = sent();
    await expect(imagine({ picture: file })).rejects.toThrow('No more today.');
    const [picture] = await (async () => {
      delete services.refuseRoom;
      await imagine({ seed: 1 });
      return services.finishLast();
    })();
    services.refuseRoom = () => {
      throw new UserError('quota', 'No more today.');
    };
    await expect(ask(services, 'inpaint', { target: picture?.id, mask: file })).rejects.toThrow('No more today.');
    expect(fetched()).toBe(0);
  });

  test('a ban comes before the recipe in a file', async () => {
    rule({ banned: ['ann'] });
    const { file, fetched } = sent();
    await expect(ask(services, 'reproduce', { picture: file })).rejects.toThrow('You may not use Easel here');
    expect(fetched()).toBe(0);
  });
});

test('a limit on sizes binds enlarging', async () => {
  rule({ maxPixels: 256 * 256 });
  await imagine({ seed: 1, refine: 'off' });
  const [picture] = services.finishLast();
  await expect(ask(services, 'upscale', { target: picture?.id })).rejects.toThrow('512x512 is larger than is allowed');
});

test.each<[GuildSettings['spoiler'], boolean, string, boolean]>([
  ['off', true, 'a nude', false],
  ['always', false, 'a cat', true],
  ['age-restricted', true, 'a cat', true],
  ['age-restricted', false, 'a cat', false],
])('spoiler %s, restricted channel %s, %s: %s', async (spoiler, ageRestricted, prompt, hidden) => {
  rule({ spoiler });
  await imagine({ prompt }, { ageRestricted });
  expect(services.accepted[0]?.spoiler).toBe(hidden);
});

describe('blocked words', () => {
  test.each([
    ['cat', 'a cat', true],
    ['cat', 'a cathedral', false],
    ['cat', 'CAT!', true],
    ['cat', 'c\u200bat', true],
    ['cat', 'ｃａｔ', true],
    ['café', 'a cafe', true],
    ['cat*', 'cathedrals', true],
    ['*cat', 'a bobcat', true],
    ['c*t*r', 'character', true],
    ['c*t*r', 'chart', false],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
    ['black cat', 'a black, cat', true],
    ['black cat', 'a black big cat', false],
    ['red *', 'red car', true],
    ['***', 'anything', true],
    ['!!', 'anything !!', false],
    ['.*', 'anything', true],
    ['(a+)+$', 'a', true],
  ])('%s in "%s": %s', (entry, text, found) => {
    expect(findBlocked(text, [entry])).toBe(found ? entry : null);
  });

  test('a pattern finds what a regular expression of the same meaning finds', () => {
    const word = fc.stringMatching(/^[ab]{0,8}$/);
    const pattern = fc.stringMatching(/^[ab*]{1,6}$/);
    fc.assert(
      fc.property(word, pattern, (text, entry) => {
        const expected = text !== '' && new RegExp(`^${entry.replaceAll('*', '[ab]*')}$`).test(text);
        expect(findBlocked(text, [entry])).toBe(expected ? entry : null);
      }),
      { numRuns: 1000 },
    );
  });

  test('the longest prompts and patterns are compared at once', () => {
    const entry = `${'a*'.repeat(49)}b`;
    expect(
      findBlocked(
        'a'.repeat(4000),
        Array.from({ length: 1000 }, () => entry),
      ),
    ).toBeNull();
  });
});

describe('settings', () => {
  test('an older document gets what it did not know; anything else is refused', () => {
    expect(parseSettings({ paused: true })).toEqual({ ...defaultSettings, paused: true });
    expect(parseSettings(JSON.parse(JSON.stringify(defaultSettings)))).toEqual(defaultSettings);
    for (const wrong of [null, [], 7, { version: 2 }, { cooldownSeconds: -1 }, { nonsense: 1 }]) {
      expect(() => parseSettings(wrong)).toThrow();
    }
  });
});

test('a reaction means what the guild says, else what the command says', () => {
  const meaning = (reaction: string, reactions: GuildSettings['reactions']) =>
    commandOfReaction(reaction, { reactions }, commands);
  expect(meaning('sparkles', {})).toBe('refine');
  expect(meaning('sparkles', { sparkles: 'vary' })).toBe('vary');
  expect(meaning('sparkles', { sparkles: null })).toBeNull();
  expect(meaning('heart', {})).toBeNull();
  expect(meaning('constructor', {})).toBeNull();
});

test('a negative prompt that AND and small weights turn into what is drawn is judged so', async () => {
  rule({ blocked: ['dragon'] });
  const against = (prompt: string) => imagine({ prompt, negative: 'a dragon' });
  await expect(against('a house AND a house :-1')).rejects.toThrow('dragon');
  await expect(against('a house :0.3 AND fog :0.3')).rejects.toThrow('dragon');
  await expect(against('a house AND fog :0.6')).resolves.toMatchObject({ kind: 'accepted' });
  await expect(against('a house')).resolves.toMatchObject({ kind: 'accepted' });
});

test('a request that would give the rules too much to read is refused, after who may not ask at all', async () => {
  const changing = `[${Array.from({ length: 40 }, (_, index) => `w${index}`).join('|')}]`;
  const options = { prompt: `${changing} ${'x '.repeat(1850)}{a|b|c}`, steps: 40 };
  await expect(imagine(options)).rejects.toThrow('longer than 150000');
  rule({ banned: ['ann'] });
  await expect(imagine(options, { user: 'ann' })).rejects.not.toThrow('longer than');
});
