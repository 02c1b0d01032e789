import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CustomId,
  formatCustomId,
  MAX_CUSTOM_ID_LENGTH,
  parseCustomId,
} from '../../../bot/discord/render/custom-id.ts';
import { commands } from '../../../commands/index.ts';

const PICTURE = '0190a7a0-0000-7000-8000-000000000001.3';
const command = fc.constantFrom(...commands.map(({ name }) => name));
const snowflake = fc.bigInt({ min: 10n ** 17n, max: 10n ** 19n }).map(String);

const customId: fc.Arbitrary<CustomId> = fc.oneof(
  fc.record({
    kind: fc.constant('button' as const),
    command,
    target: fc.string({ maxLength: 40 }),
    options: fc.constant({}),
    inPlace: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('button' as const),
    command,
    target: fc.constant(PICTURE),
    options: fc.dictionary(fc.constantFrom('change', 'factor'), fc.stringMatching(/^[a-z0-9. ]{1,6}$/), {
      minKeys: 1,
      maxKeys: 1,
      noNullPrototype: true,
    }),
    inPlace: fc.constant(false),
  }),
  fc.record({ kind: fc.constant('on message' as const), command, channel: snowflake, message: snowflake }),
  fc.record({
    kind: fc.constant('form' as const),
    command,
    hidden: fc.dictionary(fc.constantFrom('from', 'private'), fc.stringMatching(/^[a-z0-9:&= ]{0,12}$/), {
      noNullPrototype: true,
    }),
  }),
);

describe('custom ids', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(customId, (id) => {
        const text = formatCustomId(id);
        expect(text.length).toBeLessThanOrEqual(MAX_CUSTOM_ID_LENGTH);
        expect(parseCustomId(text)).toEqual(id);
      }),
    );
  });

  it('are as issues and older messages have them', () => {
    const id = { kind: 'button', command: 'refine', target: PICTURE, options: {}, inPlace: false } as const;
    expect(formatCustomId(id)).toBe(`easel:refine:${PICTURE}`);
  });

  it.each([
    '',
    'easel',
    'easel:refine',
    'easel::x',
    'other:refine:x',
    'easel-on:edit:1',
    'easel-on:edit:1:2:3',
    'EASEL:refine:x',
  ])('are not made of %j', (text) => {
    expect(parseCustomId(text)).toBeNull();
  });

  it('refuse what Discord would not take', () => {
    expect(() =>
      formatCustomId({ kind: 'button', command: 'refine', target: 'x'.repeat(90), options: {}, inPlace: false }),
    ).toThrow(RangeError);
  });
});
