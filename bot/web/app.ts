import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Logger } from 'pino';
import type { PageSignInConfig } from '../../config/index.ts';
import type { Operations } from '../operations/operations.ts';
import type { PlatformHost } from '../platform.ts';
import type { Answering } from './answering.ts';
import { asset } from './assets.ts';
import { conversationRoutes } from './conversation-routes.ts';
import type { Conversations } from './conversations.ts';
import { discordSignIn } from './discord-sign-in.ts';
import { headers, onlyOwnNames, onlyOwnPages } from './guards.ts';
import { MAX_BODY_BYTES } from './incoming.ts';
import { operationsRoutes } from './operations-routes.ts';
import { RateLimit, rateLimited } from './rate-limit.ts';
import { clientAddress, ownNames, type Reach, trustedProxies } from './reach.ts';
import { refuse } from './refusals.ts';
import { type PageEnvironment, Sessions, type SignIn } from './session.ts';
import { sessionRoutes } from './session-routes.ts';

export interface AppParts {
  readonly host: PlatformHost;
  readonly conversations: Conversations;
  readonly answering: Answering;
  readonly operations: Operations;
  readonly reach: Reach;
  /** Null where everybody who reaches the page may use it. */
  readonly signIn: SignIn | null;
  /** Null where people come in by invitations only. */
  readonly pageSignIn: PageSignInConfig | null;
  readonly log: Logger;
  /** Milliseconds: what the limits go by. */
  readonly now: () => number;
}

const limited = (maxSize: number) => bodyLimit({ maxSize, onError: (context) => refuse(context, 'tooLarge', 413) });
/** A proxy that is set up wrong has every request refused. */
const REFUSALS_MS = 60_000;

function throttled(milliseconds: number, tell: (why: object) => void): (why: object) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (why) => {
    if (performance.now() - last < milliseconds) return;
    last = performance.now();
    tell(why);
  };
}

/** All but commands are a few fields of JSON. */
const small = limited(4 * 1024);

/** The page's server: who may ask, then what each address answers. */
export function createApp(parts: AppParts): Hono<PageEnvironment> {
  const { reach, signIn, pageSignIn, log, now } = parts;
  const app = new Hono<PageEnvironment>();
  const sessions = new Sessions(signIn, reach.publicUrl?.startsWith('https:') === true);
  app.use(headers, onlyOwnNames(ownNames(reach)));
  app.onError((error, context) => {
    log.error({ error, path: context.req.path }, 'A request of the page failed');
    return refuse(context, 'fault', 500);
  });
  const trusted = trustedProxies(reach.trustedProxies ?? []);
  const byAddress = rateLimited(new RateLimit(now), (context) => clientAddress(context, trusted));
  // Members have limits of their own: behind one address there may be a whole house.
  app.post('*', async (context, next) => ((await sessions.knows(context)) ? next() : byAddress(context, next)));
  const tellRefusal = throttled(REFUSALS_MS, (why) => log.warn(why, 'A request of the page was refused'));
  app.post('*', onlyOwnPages(reach.publicUrl, tellRefusal));
  // Who may send much is asked before anything of it is read.
  app.post('/api/command', sessions.require, limited(MAX_BODY_BYTES));
  app.post('/api/*', async (context, next) => (context.req.path === '/api/command' ? next() : small(context, next)));

  app.route('/', sessionRoutes(parts, sessions));
  if (signIn !== null && pageSignIn !== null && reach.publicUrl !== undefined) {
    const address = new URL(reach.publicUrl).origin;
    app.get(
      '/sign-in/*',
      rateLimited(new RateLimit(now), (context) => clientAddress(context, trusted)),
    );
    app.route('/', discordSignIn({ config: pageSignIn, address, invitations: signIn.invitations, sessions, log }));
  }
  app.use('/api/*', sessions.require);
  for (const path of ['/events', '/blobs/*', '/files/*']) app.use(path, sessions.require);
  // Whatever asks the store, also from many addresses.
  const byPerson = rateLimited(new RateLimit(now), (context) => context.get('user'));
  for (const path of ['/api/*', '/events', '/blobs/*', '/files/*']) app.use(path, byPerson);
  app.route('/', conversationRoutes(parts, sessions));
  app.route('/', operationsRoutes(parts));
  app.get('*', asset);
  return app;
}
