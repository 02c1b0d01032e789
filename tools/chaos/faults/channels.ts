import { setTimeout as sleep } from 'node:timers/promises';
import { picturesOf } from '../invariants/discord-transcript.ts';
import { QUICK } from '../people/crowd.ts';
import { quickLine } from '../people/slack-people.ts';
import type { Fault } from './fault.ts';

/** By then most requests are in line or being drawn; what is done already stays out of this. */
const LATEST_MS = 1_000;

/** A channel is closed to the bot while somebody waits in it: the picture must come by direct message. */
export const channelFaults: readonly Fault[] = [
  {
    kind: 'Discord: a channel is deleted (10003)',
    part: 'discord',
    inject: async ({ discord }, random) => {
      const [guild] = discord.world.guilds.values();
      if (guild === undefined) return;
      const channel = discord.channel(guild, 'not for long');
      const person = discord.person('left behind', channel);
      const isAsked = await succeeds(person.slash('imagine', { prompt: 'a channel that goes', ...QUICK }));
      await sleep(random.between(0, LATEST_MS));
      const posted = discord.world.messages.filter((message) => message.channel === channel.id);
      if (isAsked && posted.every((message) => picturesOf(message).length === 0)) discord.deleteChannel(channel);
    },
  },
  {
    kind: 'Slack: a channel is archived or closed (is_archived, channel_not_found)',
    part: 'slack',
    inject: async ({ slack }, random) => {
      const channel = slack.channel('not-for-long');
      const person = slack.person('left-behind');
      await succeeds(person.slash(channel, '/imagine', quickLine('a channel that goes')));
      await sleep(random.between(0, LATEST_MS));
      if (random.chance(0.5)) channel.archived = true;
      else slack.closeToBot(channel);
    },
  },
];

function succeeds(act: Promise<unknown>): Promise<boolean> {
  return act.then(
    () => true,
    () => false,
  );
}
