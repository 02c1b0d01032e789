import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { PageSignInConfig } from '../../config/index.ts';
import type { Invitations } from './invitations.ts';
import type { Entrance } from './membership.ts';
import type { Sessions } from './session.ts';
import { DISCORD_SIGN_IN_PATH, invitationLink } from './session-routes.ts';

const COOKIE = 'easel-sign-in';
/** As long as a person may take at Discord's page. */
const PATIENCE_SECONDS = 600;
const TIMEOUT_MS = 10_000;
const TOKEN = /^([\w-]{43})\.([\w-]{43})$/;

const tokenSchema = z.object({ access_token: z.string().min(1) });
const userSchema = z.object({ id: z.string(), username: z.string().max(100).optional() });
const guildsSchema = z.array(z.object({ id: z.string() }));

const REFUSED = 'This Discord account is not let in here: ask for an invitation.';
const UNFINISHED = 'The sign-in was not finished: open the page and begin again.';
const AWAY = 'Discord does not answer as it should: try again in a minute.';

/**
 * Signing in with a Discord account: OAuth2's code grant with state and PKCE (RFC 6749, RFC 7636). Who comes back from
 * Discord and may come in is given an invitation, which the page redeems as any other, so the cookies of a membership are
 * set in one place only.
 */
export function discordSignIn(parts: {
  readonly config: PageSignInConfig;
  /** The page's address, as Discord sends people back to it. */
  readonly address: string;
  readonly invitations: Invitations;
  readonly sessions: Sessions;
  readonly log: Logger;
}): Hono {
  const { config, address, invitations, sessions, log } = parts;
  const redirectUri = `${address}${DISCORD_SIGN_IN_PATH}/callback`;
  const app = new Hono();

  app.get(DISCORD_SIGN_IN_PATH, (context) => {
    const [state, verifier] = [secret(), secret()];
    // Lax: Discord's page sends the browser back, and a strict cookie would stay behind.
    const options = {
      ...sessions.cookieOptions(context),
      sameSite: 'Lax',
      path: '/sign-in',
      maxAge: PATIENCE_SECONDS,
    } as const;
    setCookie(context, COOKIE, `${state}.${verifier}`, options);
    const url = new URL(config.authorizeUrl);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: config.clientId,
      scope: config.guilds.length > 0 ? 'identify guilds' : 'identify',
      redirect_uri: redirectUri,
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    return context.redirect(url.href);
  });

  app.get(`${DISCORD_SIGN_IN_PATH}/callback`, async (context) => {
    const verifier = verifierOf(context);
    deleteCookie(context, COOKIE, { path: '/sign-in' });
    const code = context.req.query('code');
    if (verifier === null || code === undefined) return context.text(UNFINISHED, 400);
    try {
      const entrance = await entranceOf(code, verifier);
      if (entrance === null) return context.text(REFUSED, 403);
      return context.redirect(invitationLink('', invitations.create(entrance)));
    } catch (error) {
      log.warn({ error }, 'a sign-in with Discord failed');
      return context.text(AWAY, 502);
    }
  });

  /** Who Discord says it is, where they may come in; null: they may not. */
  async function entranceOf(code: string, verifier: string): Promise<Entrance | null> {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: config.clientId,
      client_secret: config.clientSecret,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
    });
    const { access_token: token } = tokenSchema.parse(await ask('/oauth2/token', { method: 'POST', body }));
    const headers = { authorization: `Bearer ${token}` };
    const { id, username } = userSchema.parse(await ask('/users/@me', { headers }));
    const guilds = config.guilds.length === 0 ? [] : guildsSchema.parse(await ask('/users/@me/guilds', { headers }));
    const isMember = guilds.some((guild) => config.guilds.includes(guild.id));
    return isMember || config.admins.includes(id)
      ? { kind: 'discord', account: id, isMember, ...(username !== undefined && { name: username }) }
      : null;
  }

  async function ask(path: string, init: RequestInit): Promise<unknown> {
    const response = await fetch(`${config.apiUrl}${path}`, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`Discord answered ${path} with ${response.status}`);
    return response.json();
  }

  return app;
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** The verifier of the sign-in that this browser has begun; null where the state is not that one's. */
function verifierOf(context: Context): string | null {
  const [, state, verifier] = TOKEN.exec(getCookie(context, COOKIE) ?? '') ?? [];
  if (state === undefined || verifier === undefined) return null;
  const [given, wanted] = [Buffer.from(context.req.query('state') ?? ''), Buffer.from(state)];
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? verifier : null;
}
