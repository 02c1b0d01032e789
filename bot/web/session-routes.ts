import { Hono } from 'hono';
import { z } from 'zod';
import type { Command } from '../../commands/command.ts';
import { type Messages, messagesFor } from '../../commands/locale/index.ts';
import type { AppParts } from './app.ts';
import { localeOf } from './locale.ts';
import { reachableAddress } from './reach.ts';
import { refuse } from './refusals.ts';
import { adminsOnly, type PageEnvironment, type Sessions } from './session.ts';

/** Where people sign in with a Discord account, where they may. */
export const DISCORD_SIGN_IN_PATH = '/sign-in/discord';

const openingSchema = z.object({ invitation: z.string().max(100).optional() });

/** Coming in: the session that every page begins with, and invitations for others. */
export function sessionRoutes(
  { host, reach, signIn, pageSignIn, conversations }: AppParts,
  sessions: Sessions,
): Hono<PageEnvironment> {
  const app = new Hono<PageEnvironment>();

  app.post('/api/session', async (context) => {
    const { invitation } = openingSchema.catch({}).parse(await context.req.json().catch(() => ({})));
    const visitor = await sessions.open(context, invitation ?? null);
    if (visitor === null) {
      const code = invitation === undefined ? 'notInvited' : 'usedInvitation';
      return refuse(context, code, 401, pageSignIn === null ? {} : { signIn: DISCORD_SIGN_IN_PATH });
    }
    return context.json({
      commands: host.commands.map((command) => definitionOf(command, messagesFor(localeOf(context)))),
      mayInvite: signIn !== null && visitor.role === 'admin',
      mayOperate: visitor.role === 'admin',
      maySignOut: signIn !== null,
      person: visitor.user,
    });
  });

  app.post('/api/sign-out', (context) => {
    sessions.close(context);
    return context.json({});
  });

  app.post('/api/sign-out-everywhere', sessions.require, async (context) => {
    const user = context.get('user');
    await signIn?.members.signOut(user);
    conversations.end(user);
    sessions.close(context);
    return context.json({});
  });

  app.post('/api/invitations', sessions.require, adminsOnly, async (context) => {
    if (signIn === null) return refuse(context, 'openToAll', 409);
    const address = reachableAddress(new URL(context.req.url).origin, reach);
    return context.json({
      link: invitationLink(address, signIn.invitations.create({ kind: 'invited', role: 'guest' })),
    });
  });

  return app;
}

/** A command as the page needs it, in words of the browser's language. */
function definitionOf({ run: _, ...command }: Command, { describe }: Messages) {
  const options = Object.entries(command.options).map(([name, option]) => [
    name,
    { ...option, description: describe(option.description) },
  ]);
  return { ...command, description: describe(command.description), options: Object.fromEntries(options) };
}

/** The secret is in the fragment: no server, log or referrer sees it. */
export function invitationLink(address: string, secret: string): string {
  return `${address}/#invitation=${secret}`;
}
