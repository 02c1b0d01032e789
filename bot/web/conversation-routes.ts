import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { pageRequest, type Visitor } from './acts.ts';
import type { AppParts } from './app.ts';
import { blobs } from './blobs.ts';
import { events } from './events.ts';
import { readIncoming } from './incoming.ts';
import { localeOf } from './locale.ts';
import { refuse } from './refusals.ts';
import type { PageEnvironment, Sessions } from './session.ts';
import { turnIdSchema } from './turn.ts';

const suggestSchema = z.object({
  command: z.string().max(100),
  option: z.string().max(100),
  typed: z.string().max(200),
});

/** A person's conversation: acts come in, the stream and its pictures go out. */
export function conversationRoutes(
  { host, conversations, answering }: AppParts,
  sessions: Pick<Sessions, 'knows'>,
): Hono<PageEnvironment> {
  const app = new Hono<PageEnvironment>();

  app.post('/api/command', async (context) => {
    const incoming = await readIncoming(context.req.raw);
    if (incoming === null) return refuse(context, 'unreadable', 400);
    const outcome = await answering.take(visitorOf(context), incoming);
    if (outcome === 'busy') return refuse(context, 'busy', 429);
    if (outcome === 'stopping') return refuse(context, 'stopping', 503);
    return context.json({ turn: incoming.act.turn }, 202);
  });

  app.get('/api/suggest', async (context) => {
    const query = suggestSchema.safeParse(context.req.query());
    if (!query.success) return context.json([]);
    const { command, option, typed } = query.data;
    return context.json(await host.suggest(pageRequest(visitorOf(context), 'suggest', command), option, typed));
  });

  app.get('/api/conversation', async (context) => context.json(await conversations.now(context.get('user'))));

  app.get('/api/turns', async (context) => {
    const before = turnIdSchema.safeParse(context.req.query('before'));
    if (!before.success) return refuse(context, 'whichTurn', 400);
    return context.json(await conversations.page(context.get('user'), before.data));
  });

  app.get('/files/:turn', async (context) => {
    const id = turnIdSchema.safeParse(context.req.param('turn'));
    const turn = id.success ? await conversations.find(context.get('user'), id.data) : null;
    const file = turn?.answer?.kind === 'message' ? turn.answer.file : null;
    if (file === null) return refuse(context, 'fileGone', 404);
    context.header('Content-Type', 'application/octet-stream');
    context.header('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
    return context.body(Uint8Array.from(Buffer.from(file.base64, 'base64')));
  });

  app.get('/events', events(conversations, sessions));
  app.get('/blobs/:key', blobs(host));
  return app;
}

function visitorOf(context: Context<PageEnvironment>): Visitor {
  return { user: context.get('user'), admin: context.get('role') === 'admin', locale: localeOf(context) };
}
