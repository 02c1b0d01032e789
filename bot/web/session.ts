import { createHash, randomBytes } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie';
import { type UserId, userIdSchema } from '../../commands/ids.ts';
import type { Invitations, Role } from './invitations.ts';
import type { Members } from './members.ts';
import {
  accountUser,
  decodeMembership,
  decodeOldMembership,
  type Entrance,
  encodeMembership,
  roleNow,
} from './membership.ts';
import { refuse } from './refusals.ts';

const BROWSER = 'easel';
const MEMBER = 'easel-member';
const TOKEN = /^[\w-]{43}$/;

/** Browsers cap a cookie's life at 400 days. */
const MAX_AGE_SECONDS = 400 * 24 * 3600;

/** What a request carries once its browser is known. */
export interface PageEnvironment {
  Variables: { readonly user: UserId; readonly role: Role };
}

/** How a page that is not only for this machine tells whom it has let in. */
export interface SignIn {
  /** Signs memberships. */
  readonly secret: string;
  readonly invitations: Invitations;
  readonly members: Members;
  /** Discord accounts that are admins; null: nobody comes in by an account. */
  readonly admins: readonly string[] | null;
}

/** Whom a request is from. */
interface Visitor {
  readonly user: UserId;
  readonly role: Role;
}

/**
 * Who a browser is: 256 random bits that only its cookie holds. The user's id is their digest, or that of the account that
 * signed in, so neither the store nor a log has anything that opens a conversation. Without a sign-in whoever reaches the
 * page is its admin.
 */
export class Sessions {
  private readonly signIn: SignIn | null;
  private readonly isSecure: boolean;

  /** `isSecure`: the page's own address is https. */
  constructor(signIn: SignIn | null, isSecure: boolean) {
    this.signIn = signIn;
    this.isSecure = isSecure;
  }

  /**
   * Gives the browser its cookies where it has none, or may come in by an invitation; null: it may not. Never on the page
   * itself: a strict cookie is not sent when a link on another site opens the page, and a new one would replace it.
   */
  async open(context: Context, invitation: string | null): Promise<Visitor | null> {
    const known = await this.visitor(context);
    if (known !== null) return known;
    if (this.signIn === null) {
      const token = newToken();
      this.setBrowser(context, token);
      return { user: userOf(token), role: 'admin' };
    }
    const { secret, invitations, members, admins } = this.signIn;
    const entrance = invitation === null ? null : invitations.redeem(invitation);
    if (entrance === null) return null;
    // Never with a token that the browser brought along: somebody else may have put it there.
    const token = newToken();
    const role = roleNow({ entrance, since: nowSeconds() }, admins ?? [], nowSeconds());
    const name = entrance.kind === 'discord' ? entrance.name : undefined;
    const user = memberUser(entrance, token, secret);
    const since = role && (await members.enter(user, role, nowSeconds(), name));
    if (role === null || since === null) return null;
    this.setBrowser(context, token);
    const membership = { browser: digestOf(token), entrance, since };
    await setSignedCookie(context, MEMBER, encodeMembership(membership), secret, this.cookieOptions(context));
    return { user, role };
  }

  readonly require: MiddlewareHandler<PageEnvironment> = async (context, next) => {
    const visitor = await this.visitor(context);
    if (visitor === null) return refuse(context, 'notSignedIn', 401);
    context.set('user', visitor.user);
    context.set('role', visitor.role);
    return next();
  };

  async knows(context: Context): Promise<boolean> {
    return (await this.visitor(context)) !== null;
  }

  /** Forgets this browser's cookies; the conversation stays with its person. */
  close(context: Context): void {
    for (const name of [BROWSER, MEMBER]) deleteCookie(context, name, { path: '/' });
  }

  /** Of every cookie of the page: for its scripts and other sites out of reach. */
  cookieOptions(context: Context) {
    return {
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      maxAge: MAX_AGE_SECONDS,
      secure: this.isSecure || new URL(context.req.url).protocol === 'https:',
    } as const;
  }

  private async visitor(context: Context): Promise<Visitor | null> {
    const token = getCookie(context, BROWSER);
    if (token === undefined || !TOKEN.test(token)) return null;
    if (this.signIn === null) return { user: userOf(token), role: 'admin' };
    const { secret, members, admins } = this.signIn;
    const signed = await getSignedCookie(context, secret, MEMBER);
    const text = typeof signed === 'string' ? signed : '';
    const dated = decodeMembership(text);
    const membership = dated ?? (admins === null ? decodeOldMembership(text, nowSeconds()) : null);
    if (membership === null || membership.browser !== digestOf(token)) return null;
    const role = roleNow(membership, admins ?? [], nowSeconds());
    if (role === null) return null;
    const user = memberUser(membership.entrance, token, secret);
    // One without a date is older than any signing out.
    const since = dated?.since ?? 1;
    return (await members.admits(user, since, role)) ? { user, role } : null;
  }

  private setBrowser(context: Context, token: string): void {
    setCookie(context, BROWSER, token, this.cookieOptions(context));
  }
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function memberUser(entrance: Entrance, token: string, secret: string): UserId {
  return entrance.kind === 'discord' ? accountUser(entrance.account, secret) : userOf(token);
}

/** After `require`: the server's own knowledge, not the page's. */
export const adminsOnly: MiddlewareHandler<PageEnvironment> = async (context, next) => {
  if (context.get('role') !== 'admin') return refuse(context, 'adminsOnly', 403);
  return next();
};

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 32);

const userOf = (token: string): UserId => userIdSchema.parse(`web-${digestOf(token)}`);
