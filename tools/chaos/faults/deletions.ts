import { setTimeout as sleep } from 'node:timers/promises';
import { discordTranscript } from '../invariants/discord-transcript.ts';
import { slackTranscript } from '../invariants/slack-transcript.ts';
import type { Random } from '../random.ts';
import type { Fault } from './fault.ts';

const LOOK_MS = 50;
const PATIENCE_MS = 10_000;

/** Somebody deletes the message that a picture was to come in: it must come in another one. */
export const deletionFaults: readonly Fault[] = [
  {
    kind: 'Discord: a placeholder is deleted (10008)',
    part: 'discord',
    inject: ({ discord }, random) =>
      deleteOne(random, () => {
        const names = new Set(discordTranscript(discord).placeholders.map(({ message }) => message));
        return discord.world.messages.filter(({ id, ephemeralFor }) => names.has(id) && ephemeralFor === null);
      }),
  },
  {
    kind: 'Slack: a placeholder is deleted (message_not_found)',
    part: 'slack',
    inject: ({ slack }, random) =>
      deleteOne(random, () => {
        const names = new Set(slackTranscript(slack).placeholders.map(({ message }) => message));
        return slack.workspace.messages.filter(({ ts, ephemeralTo }) => names.has(ts) && ephemeralTo === null);
      }),
  },
];

/** One of those that stand, as soon as there is one. */
async function deleteOne(random: Random, standing: () => readonly { deleted: boolean }[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const found = standing();
    if (found.length > 0) {
      random.pick(found).deleted = true;
      return;
    }
    await sleep(LOOK_MS);
  }
}
