import { createHash, randomBytes } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { type UserId, userIdSchema } from '../../commands/ids.ts';

const COOKIE = 'easel';
/** Browsers cap a cookie's life at 400 days. */
const MAX_AGE_SECONDS = 400 * 24 * 3600;
const TOKEN = /^[\w-]{43}$/;

export interface SessionVariables {
  readonly user: UserId;
}

/**
 * Who a browser is: 256 random bits that only its cookie holds. The user's id is their digest, so neither the store nor
 * a log has anything that opens a conversation.
 */
export function sessionUser(context: Context): UserId | null {
  const token = getCookie(context, COOKIE);
  if (token === undefined || !TOKEN.test(token)) return null;
  return userIdSchema.parse(`web-${createHash('sha256').update(token).digest('hex').slice(0, 32)}`);
}

/**
 * Gives the browser its cookie where it has none. Never on the page itself: a strict cookie is not sent when a link on
 * another site opens the page, and a new one would then replace it.
 */
export function openSession(context: Context): void {
  if (sessionUser(context) !== null) return;
  setCookie(context, COOKIE, randomBytes(32).toString('base64url'), {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: MAX_AGE_SECONDS,
    secure: new URL(context.req.url).protocol === 'https:',
  });
}

export const requireSession: MiddlewareHandler<{ Variables: SessionVariables }> = async (context, next) => {
  const user = sessionUser(context);
  if (user === null) return context.json({ error: 'This browser has no conversation yet: reload the page.' }, 401);
  context.set('user', user);
  return next();
};
