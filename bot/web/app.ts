import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { PlatformHost } from '../platform.ts';
import { pageRequest, type Visitor } from './acts.ts';
import type { Answering } from './answering.ts';
import { asset } from './assets.ts';
import { blobs } from './blobs.ts';
import type { Conversations } from './conversations.ts';
import { events } from './events.ts';
import { headers, onlyOwnNames, onlyOwnPages } from './guards.ts';
import { MAX_BODY_BYTES, readIncoming } from './incoming.ts';
import { RateLimit, rateLimited } from './rate-limit.ts';
import { clientAddress, ownNames, type Reach, reachableAddress } from './reach.ts';
import { Sessions, type SessionVariables, type SignIn } from './session.ts';
import { turnIdSchema } from './turn.ts';

export interface AppParts {
  readonly host: PlatformHost;
  readonly conversations: Conversations;
  readonly answering: Answering;
  readonly reach: Reach;
  /** Null where everybody who reaches the page may use it. */
  readonly signIn: SignIn | null;
  readonly log: Logger;
}

const NOT_INVITED = 'This Easel is for invited people: open the link that you were given, once.';
const TOO_LARGE = `A request may have ${MAX_BODY_BYTES / 1024 ** 2} MB at most: send a smaller picture.`;

/** The page's server: what each address answers. */
export function createApp({ host, conversations, answering, reach, signIn, log }: AppParts): Hono<{
  Variables: SessionVariables;
}> {
  const app = new Hono<{ Variables: SessionVariables }>();
  const sessions = new Sessions(signIn);
  const limited = rateLimited(new RateLimit(), (context) => clientAddress(context, reach));
  app.use(headers, onlyOwnNames(ownNames(reach)));
  app.onError((error, context) => {
    log.error({ err: error, path: context.req.path }, 'A request of the page failed');
    return context.json({ error: 'Something went wrong here. Please try again.' }, 500);
  });

  app.post('/api/session', limited, onlyOwnPages, async (context) => {
    const { invitation } = sessionSchema.catch({}).parse(await context.req.json().catch(() => ({})));
    const role = await sessions.open(context, invitation ?? null);
    if (role === null) return context.json({ error: NOT_INVITED }, 401);
    const mayInvite = signIn !== null && role === 'admin';
    return context.json({ commands: host.commands.map(({ run: _, ...definition }) => definition), mayInvite });
  });

  app.post('/api/invitations', limited, onlyOwnPages, sessions.require, async (context) => {
    if (signIn === null || context.get('role') !== 'admin')
      return context.json({ error: 'Only an admin invites.' }, 403);
    const address = reachableAddress(new URL(context.req.url).origin, reach);
    return context.json({ link: invitationLink(address, signIn.invitations.create('guest')) });
  });

  app.post(
    '/api/command',
    limited,
    onlyOwnPages,
    sessions.require,
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => context.json({ error: TOO_LARGE }, 413) }),
    async (context) => {
      const incoming = await readIncoming(context.req.raw);
      if (incoming === null) return context.json({ error: 'Easel could not read this request.' }, 400);
      const outcome = await answering.take(visitorOf(context), incoming);
      if (outcome === 'busy') return context.json({ error: 'Wait until some of your requests are answered.' }, 429);
      if (outcome === 'stopping') return context.json({ error: 'Easel is restarting: try again in a moment.' }, 503);
      return context.json({ turn: incoming.act.turn }, 202);
    },
  );

  app.get('/api/suggest', sessions.require, async (context) => {
    const query = suggestSchema.safeParse(context.req.query());
    if (!query.success) return context.json([]);
    const { command, option, typed } = query.data;
    return context.json(await host.suggest(pageRequest(visitorOf(context), 'suggest', command), option, typed));
  });

  app.get('/api/turns', sessions.require, async (context) => {
    const before = turnIdSchema.safeParse(context.req.query('before'));
    if (!before.success) return context.json({ error: 'Name the turn before which to read.' }, 400);
    return context.json(await conversations.page(context.get('user'), before.data));
  });

  app.get('/files/:turn', sessions.require, async (context) => {
    const id = turnIdSchema.safeParse(context.req.param('turn'));
    const turn = id.success ? await conversations.find(context.get('user'), id.data) : null;
    const file = turn?.answer?.kind === 'message' ? turn.answer.file : null;
    if (file === null) return context.json({ error: 'This file is gone.' }, 404);
    context.header('Content-Type', 'application/octet-stream');
    context.header('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
    return context.body(Uint8Array.from(Buffer.from(file.base64, 'base64')));
  });

  app.get('/events', sessions.require, events(conversations));
  app.get('/blobs/:key', sessions.require, blobs(host));
  app.get('*', asset);
  return app;
}

const suggestSchema = z.object({
  command: z.string().max(100),
  option: z.string().max(100),
  typed: z.string().max(200),
});

const sessionSchema = z.object({ invitation: z.string().max(100).optional() });

/** The secret is in the fragment: no server, log or referrer sees it. */
export function invitationLink(address: string, secret: string): string {
  return `${address}/#invitation=${secret}`;
}

function visitorOf(context: Context<{ Variables: SessionVariables }>): Visitor {
  const accepted = context.req.header('accept-language') ?? '';
  const locale = /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*/i.exec(accepted)?.[0] ?? 'en';
  return { user: context.get('user'), admin: context.get('role') === 'admin', locale: locale.slice(0, 20) };
}
