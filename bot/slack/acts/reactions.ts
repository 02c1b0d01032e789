import { z } from 'zod';
import { guildIdSchema } from '../../../commands/ids.ts';
import type { Listening } from './listen.ts';
import type { Act } from './requests.ts';

const payloadSchema = z.object({
  event_id: z.string(),
  event: z.object({
    user: z.string(),
    reaction: z.string(),
    item: z.object({ type: z.string(), channel: z.string().optional(), ts: z.string().optional() }),
    item_user: z.string().optional(),
  }),
});

/** A reaction on one of our messages is a command; which one, the guild decides. */
export function listenForReactions(listening: Listening): void {
  const { app, host, requests, team, botUser } = listening;
  app.event('reaction_added', async ({ body }) => {
    const { event_id, event } = payloadSchema.parse(body);
    const { channel, ts } = event.item;
    const ours = event.item_user === undefined || event.item_user === botUser;
    if (event.user === botUser || !ours || channel === undefined || ts === undefined) return;
    // A skin tone is no other reaction: `+1::skin-tone-2`.
    const [reaction = ''] = event.reaction.split('::');
    const command = await host.reactionCommand(guildIdSchema.parse(team), reaction);
    if (command === null) return;
    const act: Act = {
      event: `event:${event_id}`,
      user: event.user,
      channel,
      thread: await threadOf(listening, channel, ts),
      trigger: null,
      responseUrl: null,
      message: { channel, ts, ephemeral: false, files: [] },
    };
    await requests.perform(act, () => ({ command, options: () => ({}) }));
  });
}

const permalinkSchema = z.object({ permalink: z.url() });

/** The event does not say whether the message is in a thread, but a permalink does, and needs no permission to read. */
async function threadOf({ api, log }: Listening, channel: string, ts: string): Promise<string | null> {
  try {
    const { permalink } = await api.call('chat.getPermalink', { channel, message_ts: ts }, permalinkSchema);
    return new URL(permalink).searchParams.get('thread_ts');
  } catch (error) {
    log.debug({ error }, 'Could not find the thread of a message');
    return null;
  }
}
