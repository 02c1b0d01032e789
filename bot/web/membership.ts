import { createHmac } from 'node:crypto';
import { type UserId, userIdSchema } from '../../commands/ids.ts';
import type { Role } from './invitations.ts';

/** How somebody came in. Whoever signs in with Discord is asked for their role anew; an invitation gave one for good. */
export type Entrance =
  | { readonly kind: 'invited'; readonly role: Role }
  /** `isMember`: of a guild whose members may come in, when Discord was asked. */
  | { readonly kind: 'discord'; readonly account: string; readonly isMember: boolean; readonly name?: string };

/** What the signed cookie of somebody who was let in says: never a role of somebody who can lose it. */
export interface Membership {
  /** The digest of the browser's own token: the cookie is worth nothing in another browser. */
  readonly browser: string;
  readonly entrance: Entrance;
  /** Seconds since the epoch. */
  readonly since: number;
}

/** Discord is asked again whether somebody is still a member after this long. */
const MEMBER_SECONDS = 24 * 3600;
/** Browsers keep a cookie no longer; a stolen pair must end, too. */
const MAX_SECONDS = 400 * 24 * 3600;

export function encodeMembership({ browser, entrance, since }: Membership): string {
  const via =
    entrance.kind === 'invited'
      ? [entrance.role]
      : ['discord', entrance.account, entrance.isMember ? 'member' : 'none'];
  return ['2', browser, String(since), ...via].join('.');
}

/** Null for what is no membership, such as one of an older version. */
export function decodeMembership(text: string): Membership | null {
  const [version, browser = '', seconds, via, account = '', member] = text.split('.');
  const since = Number(seconds);
  if (version !== '2' || !Number.isSafeInteger(since)) return null;
  if (via === 'admin' || via === 'guest') return { browser, since, entrance: { kind: 'invited', role: via } };
  if (via !== 'discord' || !/^\d{1,20}$/.test(account)) return null;
  return { browser, since, entrance: { kind: 'discord', account, isMember: member === 'member' } };
}

/**
 * A membership as it was written before it had a date: worth something only where nobody came in by an account, for it does
 * not say how. Null for anything else.
 */
export function decodeOldMembership(text: string, nowSeconds: number): Membership | null {
  const [, browser, role] = /^web-([0-9a-f]{32})\.(admin|guest)$/.exec(text) ?? [];
  if (browser === undefined || (role !== 'admin' && role !== 'guest')) return null;
  return { browser, since: nowSeconds, entrance: { kind: 'invited', role } };
}

/** What a membership is worth now; null: nothing any more. `admins` are the accounts of today's configuration. */
export function roleNow(
  { entrance, since }: Pick<Membership, 'entrance' | 'since'>,
  admins: readonly string[],
  nowSeconds: number,
): Role | null {
  const age = nowSeconds - since;
  if (age > MAX_SECONDS) return null;
  if (entrance.kind === 'invited') return entrance.role;
  if (admins.includes(entrance.account)) return 'admin';
  return entrance.isMember && age <= MEMBER_SECONDS ? 'guest' : null;
}

/** A Discord account is one person in every browser, so that a quota and a ban hold; its id stays out of the store. */
export function accountUser(account: string, secret: string): UserId {
  const digest = createHmac('sha256', secret).update(`discord:${account}`).digest('hex');
  return userIdSchema.parse(`web-${digest.slice(0, 32)}`);
}
