import { expect, it } from 'vitest';
import { readableProse, readableReferences, readableValue, unnamedIds } from '../../../bot/slack/render/readable.ts';

const names = {
  of: new Map([
    ['U1', 'Ann Lee'],
    ['C1', 'general'],
  ]),
  unknown: { user: 'someone', channel: 'a channel', group: 'a group' },
};

it.each([
  ['<@U1>, <@U1|ann> and <@U2>', '@Ann Lee, @ann and @someone'],
  ['<#C1>, <#C1|>, <#C2|random> and <#C3>', '#general, #general, #random and #a channel'],
  ['<!here> <!subteam^S1|@crew> <!subteam^S2>', '@here @crew @a group'],
  ['<!date^1392734382^{date_num} at {time}|18 Feb 2014> <!date^1392734382^{date}>', '18 Feb 2014 2014-02-18 14:39'],
  ['<tel:+4930123|030 123> <tel:+4930123> <mailto:x@y.z|x@y.z> <mailto:x@y.z>', '030 123 +4930123 x@y.z x@y.z'],
  ['<https://a.b/c|a.b> <https://a.b/c?d=e&amp;f>', 'a.b https://a.b/c?d=e&amp;f'],
  ['a < b > c <lora:thing:0.8>', 'a < b > c <lora:thing:0.8>'],
])('reads %s as the person saw it', (given, seen) => {
  expect(readableReferences(given, names)).toBe(seen);
});

it('knows whose names are wanted', () => {
  expect(unnamedIds('<@U1> <@U2|bob> <@U1> <#C1|> <#C2|x> <!here>')).toEqual({ users: ['U1'], channels: ['C1'] });
});

it.each([
  ['a :smiling_cat: and a :wave::skin-tone-2: :+1: :flag-de:', 'a smiling cat and a wave thumbs up flag de'],
  ['at 10:30:45, (cat:1.2), <lora:name:0.8>, a:b:c, :3: :)', 'at 10:30:45, (cat:1.2), <lora:name:0.8>, a:b:c, :3: :)'],
  ['the cat’s “hat” — ‘red’', "the cat's \"hat\" — 'red'"],
])('reads %s as it was meant', (given, meant) => {
  expect(readableProse(given)).toBe(meant);
});

it('leaves signs alone where they are no prose', () => {
  const [prose, name] = [true, false].map((multiline) => {
    const definition = { type: 'string', maxLength: 100, multiline, description: '' } as const;
    return readableValue(':cat: &amp; &lt;:b:&gt;', definition, names);
  });
  expect([prose, name]).toEqual(['cat & <b>', ':cat: & <:b:>']);
});
