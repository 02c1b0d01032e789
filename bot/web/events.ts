import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { UserId } from '../../commands/ids.ts';
import type { Conversations } from './conversations.ts';
import type { PageEvent } from './listener.ts';
import { refuse } from './refusals.ts';
import type { PageEnvironment, Sessions } from './session.ts';

/** Proxies and browsers give up on a silent connection after 30 to 60 s. */
const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 1000;
/** Tabs of one browser; each holds a connection. */
const MAX_STREAMS = 20;

/** Streams a conversation: from what the page knows (`Last-Event-ID`, or `since` after a page-made reconnection) on. */
export function events(conversations: Conversations, sessions: Pick<Sessions, 'knows'>) {
  const opening = new Map<UserId, number>();
  return async (context: Context<PageEnvironment>) => {
    const user = context.get('user');
    // Counted from here on, not only once the store has answered.
    const inHand = opening.get(user) ?? 0;
    if (conversations.listenerCount(user) + inHand >= MAX_STREAMS) {
      return refuse(context, 'tooManyTabs', 429);
    }
    opening.set(user, inHand + 1);
    const listener = await conversations.listen(user, knownSequence(context)).finally(() => {
      const left = (opening.get(user) ?? 1) - 1;
      if (left === 0) opening.delete(user);
      else opening.set(user, left);
    });
    context.header('X-Accel-Buffering', 'no');
    return streamSSE(context, async (stream) => {
      const leave = () => {
        conversations.leave(user, listener);
        listener.end();
      };
      stream.onAbort(leave);
      const beat = async (): Promise<void> => {
        // Whoever was removed, or has signed out everywhere, in another process too.
        if (await sessions.knows(context)) await stream.write(':\n\n');
        else leave();
      };
      const heartbeat = setInterval(() => void beat().catch(leave), HEARTBEAT_MS);
      try {
        await stream.write(`retry: ${RECONNECT_MS}\n\n`);
        for await (const event of listener.events()) {
          if (stream.aborted) break;
          await stream.writeSSE(message(event));
        }
      } finally {
        clearInterval(heartbeat);
        leave();
      }
    });
  };
}

function message(event: PageEvent): { event: string; data: string; id?: string } {
  const { type, ...data } = event;
  return { event: type, data: JSON.stringify(data), ...('sequence' in event && { id: String(event.sequence) }) };
}

function knownSequence(context: Context): number | null {
  const given = context.req.header('last-event-id') ?? context.req.query('since');
  return given !== undefined && /^\d{1,15}$/.test(given) ? Number(given) : null;
}
