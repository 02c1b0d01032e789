import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { MessageReply } from '../../commands/reply.ts';
import { renderMessage } from './blocks.ts';
import type { Listening } from './listen.ts';
import { phrasesFor } from './phrases.ts';

const payloadSchema = z.object({
  event_id: z.string(),
  team_id: z.string(),
  event: z.object({ user: z.string(), tab: z.string() }),
});

/** The commands whose answers make up the Home tab, in this order. */
const SHOWN = ['quota', 'history'];
const MAX_BLOCKS = 100;

/** The Home tab: what is left of the quota, and the latest pictures. */
export function listenForHome(listening: Listening): void {
  const { app, log } = listening;
  app.event('app_home_opened', async ({ body }) => {
    const { event_id, team_id, event } = payloadSchema.parse(body);
    if (event.tab !== 'home') return;
    await publish(listening, { team: team_id, user: event.user, event: event_id }).catch((error: unknown) => {
      log.warn({ err: error }, 'The Home tab could not be shown');
    });
  });
}

async function publish(listening: Listening, opened: { team: string; user: string; event: string }): Promise<void> {
  const { outbound, people, requests, host } = listening;
  const { locale } = (await people.find(opened.user)).actor;
  const channel = await outbound.direct(opened.user);
  const blocks: types.KnownBlock[] = [];
  for (const command of SHOWN.filter((name) => host.commands.some((known) => known.name === name))) {
    const reply = await requests.inquire(
      { team: opened.team, user: opened.user, channel, command },
      `event:${opened.event}:${command}`,
    );
    if (reply.kind === 'message') blocks.push(...(await sectionOf(listening, reply, locale)));
  }
  const view: types.HomeView = { type: 'home', blocks: blocks.slice(0, MAX_BLOCKS) };
  await outbound.publishHome(opened.user, view);
}

async function sectionOf(
  { outbound, host }: Listening,
  reply: MessageReply,
  locale: string,
): Promise<types.KnownBlock[]> {
  const files = await outbound.upload(
    reply,
    (key) => host.readBlob(key),
    [],
    async () => {},
  );
  return [...renderMessage(reply, files, phrasesFor(locale)).blocks, { type: 'divider' }];
}
