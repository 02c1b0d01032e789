import { createHash, randomBytes } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie';
import { type UserId, userIdSchema } from '../../commands/ids.ts';
import type { Invitations, Role } from './invitations.ts';

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
}

/**
 * Who a browser is: 256 random bits that only its cookie holds. The user's id is their digest, so neither the store nor
 * a log has anything that opens a conversation. Without a sign-in whoever reaches the page is its admin.
 */
export class Sessions {
  private readonly signIn: SignIn | null;

  constructor(signIn: SignIn | null) {
    this.signIn = signIn;
  }

  /**
   * Gives the browser its cookies where it has none, or may come in by an invitation; null: it may not. Never on the page
   * itself: a strict cookie is not sent when a link on another site opens the page, and a new one would replace it.
   */
  async open(context: Context, invitation: string | null): Promise<Role | null> {
    const user = browserUser(context);
    const known = user === null ? null : await this.roleOf(context, user);
    const role = known ?? (invitation === null ? null : (this.signIn?.invitations.redeem(invitation) ?? null));
    if (this.signIn !== null && role === null) return null;
    const holder = user ?? newBrowser(context);
    if (this.signIn !== null && role !== null && role !== known) {
      await setSignedCookie(context, MEMBER, `${holder}.${role}`, this.signIn.secret, cookieOptions(context));
    }
    return role ?? 'admin';
  }

  readonly require: MiddlewareHandler<PageEnvironment> = async (context, next) => {
    const user = browserUser(context);
    const role = user === null ? null : await this.roleOf(context, user);
    if (user === null || role === null)
      return context.json({ error: 'This browser is not signed in: reload the page.' }, 401);
    context.set('user', user);
    context.set('role', role);
    return next();
  };

  private async roleOf(context: Context, user: UserId): Promise<Role | null> {
    if (this.signIn === null) return 'admin';
    const membership = await getSignedCookie(context, this.signIn.secret, MEMBER);
    if (membership === `${user}.admin`) return 'admin';
    return membership === `${user}.guest` ? 'guest' : null;
  }
}

/** After `require`: the server's own knowledge, not the page's. */
export const adminsOnly: MiddlewareHandler<PageEnvironment> = async (context, next) => {
  if (context.get('role') !== 'admin') return context.json({ error: 'This is for admins only.' }, 403);
  return next();
};

function browserUser(context: Context): UserId | null {
  const token = getCookie(context, BROWSER);
  return token === undefined || !TOKEN.test(token) ? null : userOf(token);
}

function newBrowser(context: Context): UserId {
  const token = randomBytes(32).toString('base64url');
  setCookie(context, BROWSER, token, cookieOptions(context));
  return userOf(token);
}

function userOf(token: string): UserId {
  return userIdSchema.parse(`web-${createHash('sha256').update(token).digest('hex').slice(0, 32)}`);
}

/** Of every cookie of the page: for its scripts and other sites out of reach. */
export function cookieOptions(context: Context) {
  const forwarded = context.req.header('x-forwarded-proto') === 'https';
  return {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: MAX_AGE_SECONDS,
    secure: forwarded || new URL(context.req.url).protocol === 'https:',
  } as const;
}
