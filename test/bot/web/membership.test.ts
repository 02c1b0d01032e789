import { describe, expect, it } from 'vitest';
import {
  accountUser,
  decodeMembership,
  encodeMembership,
  type Membership,
  roleNow,
} from '../../../bot/web/membership.ts';

const DAY = 24 * 3600;
const browser = 'b'.repeat(32);
const guest: Membership = { browser, since: 1_000, entrance: { kind: 'invited', role: 'guest' } };
const member: Membership = { browser, since: 1_000, entrance: { kind: 'discord', account: '22', isMember: true } };
const operator: Membership = { browser, since: 1_000, entrance: { kind: 'discord', account: '11', isMember: false } };

describe('a membership', () => {
  it.each([guest, member, operator])('is what its cookie says', (membership) => {
    expect(decodeMembership(encodeMembership(membership))).toEqual(membership);
  });

  it.each(['', 'web-1.admin', '2.b.x.admin', '2.b.1.owner', '2.b.1.discord.x.member', '1.b.1.admin'])(
    'is not read from %j',
    (text) => expect(decodeMembership(text)).toBeNull(),
  );

  it('makes an admin of those whom the configuration names now, and of nobody else', () => {
    expect(roleNow(operator, ['11'], 2_000)).toBe('admin');
    expect(roleNow(operator, [], 2_000)).toBeNull();
    expect(roleNow(member, ['22'], 2_000)).toBe('admin');
    expect(roleNow(member, [], 2_000)).toBe('guest');
  });

  it('of a guild is asked for again after a day, and every one ends', () => {
    expect(roleNow(member, [], 1_000 + DAY)).toBe('guest');
    expect(roleNow(member, [], 1_001 + DAY)).toBeNull();
    expect(roleNow(guest, [], 1_000 + 400 * DAY)).toBe('guest');
    expect(roleNow(guest, [], 1_001 + 400 * DAY)).toBeNull();
    expect(roleNow(operator, ['11'], 1_001 + 400 * DAY)).toBeNull();
  });

  it('of an account is of one person, whom nobody can guess without the secret', () => {
    expect(accountUser('11', 'secret')).toBe(accountUser('11', 'secret'));
    expect(accountUser('11', 'secret')).not.toBe(accountUser('11', 'other'));
    expect(accountUser('11', 'secret')).not.toBe(accountUser('12', 'secret'));
  });
});
