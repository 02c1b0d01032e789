import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { MessageReply } from '../../../commands/reply.ts';
import type { UploadState } from '../answers/outbound.ts';
import { phrasesFor } from '../phrases.ts';
import { renderMessage } from '../render/blocks.ts';
import type { Listening } from './listen.ts';

const payloadSchema = z.object({
  event_id: z.string(),
  event: z.object({ user: z.string(), tab: z.string() }),
});

/** The commands whose answers make up the Home tab, in this order. */
const SHOWN = ['quota', 'history'];
const MAX_BLOCKS = 100;

/** Pictures that are uploaded already: opening the tab again shows the same ones. */
const REMEMBERED_UPLOADS = 500;

/** The Home tab: what is left of the quota, and the latest pictures. */
export function listenForHome(listening: Listening): void {
  const { app, log } = listening;
  let uploads: UploadState = [];
  const upload: Upload = (reply) =>
    listening.outbound.upload(
      reply,
      (key) => listening.host.readBlob(key),
      uploads,
      async (state) => {
        uploads = state.slice(-REMEMBERED_UPLOADS);
      },
    );
  app.event('app_home_opened', async ({ body }) => {
    const { event_id, event } = payloadSchema.parse(body);
    if (event.tab !== 'home') return;
    await publish(listening, { user: event.user, event: event_id }, upload).catch((error: unknown) => {
      // A remembered file may have been deleted since.
      uploads = [];
      log.warn({ error }, 'The Home tab could not be shown');
    });
  });
}

type Upload = (reply: MessageReply) => Promise<string[]>;

async function publish(
  { outbound, people, requests, host }: Listening,
  opened: { user: string; event: string },
  upload: Upload,
): Promise<void> {
  const phrases = phrasesFor((await people.find(opened.user)).actor.locale);
  const channel = await outbound.direct(opened.user);
  const blocks: types.KnownBlock[] = [];
  for (const command of SHOWN.filter((name) => host.commands.some((known) => known.name === name))) {
    const { user } = opened;
    const reply = await requests.inquire({ user, channel, command }, `event:${opened.event}:${command}`);
    if (reply.kind !== 'message') continue;
    blocks.push(...renderMessage(reply, await upload(reply), phrases).blocks, { type: 'divider' });
  }
  await outbound.publishHome(opened.user, { type: 'home', blocks: blocks.slice(0, MAX_BLOCKS) });
}
