import { Hono } from 'hono';
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
import { headers, onlyOwnHost, onlyOwnPages } from './guards.ts';
import { MAX_BODY_BYTES, readIncoming } from './incoming.ts';
import { openSession, requireSession, type SessionVariables } from './session.ts';
import { turnIdSchema } from './turn.ts';

export interface AppParts {
  readonly host: PlatformHost;
  readonly conversations: Conversations;
  readonly answering: Answering;
  readonly boundTo: string;
  readonly log: Logger;
}

const TOO_LARGE = `A request may have ${MAX_BODY_BYTES / 1024 ** 2} MB at most: send a smaller picture.`;

/** The page's server: what each address answers. */
export function createApp({ host, conversations, answering, boundTo, log }: AppParts): Hono<{
  Variables: SessionVariables;
}> {
  const app = new Hono<{ Variables: SessionVariables }>();
  app.use(headers, onlyOwnHost(boundTo));
  app.onError((error, context) => {
    log.error({ err: error, path: context.req.path }, 'A request of the page failed');
    return context.json({ error: 'Something went wrong here. Please try again.' }, 500);
  });

  app.post('/api/session', onlyOwnPages, (context) => {
    openSession(context);
    return context.json({ commands: host.commands.map(({ run: _, ...definition }) => definition) });
  });

  app.post(
    '/api/command',
    onlyOwnPages,
    requireSession,
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => context.json({ error: TOO_LARGE }, 413) }),
    async (context) => {
      const incoming = await readIncoming(context.req.raw);
      if (incoming === null) return context.json({ error: 'Easel could not read this request.' }, 400);
      const outcome = await answering.take(
        visitor(context.get('user'), context.req.header('accept-language')),
        incoming,
      );
      if (outcome === 'busy') return context.json({ error: 'Wait until some of your requests are answered.' }, 429);
      if (outcome === 'stopping') return context.json({ error: 'Easel is restarting: try again in a moment.' }, 503);
      return context.json({ turn: incoming.act.turn }, 202);
    },
  );

  app.get('/api/suggest', requireSession, async (context) => {
    const query = suggestSchema.safeParse(context.req.query());
    if (!query.success) return context.json([]);
    const { command, option, typed } = query.data;
    const asking = visitor(context.get('user'), context.req.header('accept-language'));
    return context.json(await host.suggest(pageRequest(asking, 'suggest', command), option, typed));
  });

  app.get('/api/turns', requireSession, async (context) => {
    const before = turnIdSchema.safeParse(context.req.query('before'));
    if (!before.success) return context.json({ error: 'Name the turn before which to read.' }, 400);
    return context.json(await conversations.page(context.get('user'), before.data));
  });

  app.get('/files/:turn', requireSession, async (context) => {
    const id = turnIdSchema.safeParse(context.req.param('turn'));
    const turn = id.success ? await conversations.find(context.get('user'), id.data) : null;
    const file = turn?.answer?.kind === 'message' ? turn.answer.file : null;
    if (file === null) return context.json({ error: 'This file is gone.' }, 404);
    context.header('Content-Type', 'application/octet-stream');
    context.header('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
    return context.body(Uint8Array.from(Buffer.from(file.base64, 'base64')));
  });

  app.get('/events', requireSession, events(conversations));
  app.get('/blobs/:key', requireSession, blobs(host));
  app.get('*', asset);
  return app;
}

const suggestSchema = z.object({
  command: z.string().max(100),
  option: z.string().max(100),
  typed: z.string().max(200),
});

function visitor(user: Visitor['user'], acceptLanguage: string | undefined): Visitor {
  const locale = /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*/i.exec(acceptLanguage ?? '')?.[0] ?? 'en';
  return { user, locale: locale.slice(0, 20) };
}
