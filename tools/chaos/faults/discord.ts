import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { picturesOf } from '../invariants/discord-transcript.ts';
import { BOTH, type Fault, Violation } from './fault.ts';

const QUARTER_HOUR_MS = 15 * 60_000;
/** A bot whose platform gave up ends within this. */
const END_SECONDS = 30;
const ANSWERS = /^\/webhooks\/.*\/messages\//;
const POSTS = /^\/channels\/\d+\/messages$/;

/** What Discord does to bots. */
export const discordFaults: readonly Fault[] = [
  {
    kind: 'Discord: storm of 429',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }, random) {
      const seconds = random.between(0.5, 4);
      const end = discord.faults.add({ path: /./ }, { kind: 'rate', seconds, global: random.chance(0.3) }, 12);
      await sleep(random.between(3000, 6000));
      end();
    },
  },
  {
    kind: 'Discord: 5xx four times on deliveries',
    part: 'discord',
    async inject({ discord }, random) {
      const status = random.pick([500, 502, 503]);
      const ends = [ANSWERS, POSTS].map((path) => discord.faults.add({ path }, { kind: 'status', status }, 4));
      await sleep(6000);
      for (const end of ends) end();
    },
  },
  {
    kind: 'Discord: outage',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }, random) {
      const end = discord.faults.outage(503);
      await sleep(random.between(2000, 8000));
      end();
    },
  },
  {
    kind: 'Discord: does it, and the answer is lost',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }, random) {
      const ends = [ANSWERS, POSTS].map((path) => discord.faults.add({ path }, { kind: 'lost' }, random.whole(1, 4)));
      await sleep(4000);
      for (const end of ends) end();
    },
  },
  {
    kind: 'Discord: slow',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }, random) {
      const end = discord.faults.add({ path: ANSWERS }, { kind: 'slow', milliseconds: random.between(500, 5000) }, 4);
      await sleep(4000);
      end();
    },
  },
  {
    kind: 'Discord: tokens expire',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }) {
      discord.clock.advance(QUARTER_HOUR_MS);
    },
  },
  {
    kind: 'Discord: the file is too large',
    part: 'discord',
    async inject({ discord }, random) {
      const fault = { kind: 'status', status: 413 } as const;
      const uploads = [
        { method: 'PATCH', path: ANSWERS },
        { method: 'POST', path: POSTS },
      ];
      const ends = uploads.map((upload) => discord.faults.add(upload, fault, random.whole(1, 2)));
      await sleep(3000);
      for (const end of ends) end();
    },
  },
  {
    kind: 'bot: kill -9 between post and record (Discord)',
    part: 'bot',
    weight: 2,
    silences: BOTH,
    async inject({ discord, bot }) {
      const shown = () => discord.world.messages.filter((message) => picturesOf(message).length > 0).length;
      const before = shown();
      const deadline = Date.now() + 15_000;
      while (shown() <= before && Date.now() < deadline) {
        await Promise.race([once(discord.world, 'change'), sleep(100)]);
      }
      await bot.kill();
      await bot.start();
    },
  },
  {
    kind: 'gateway: drop',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }) {
      discord.gateway.drop();
    },
  },
  {
    kind: 'gateway: op 7 (reconnect)',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }) {
      discord.gateway.askToReconnect();
    },
  },
  {
    kind: 'gateway: op 9 (invalid session)',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }, random) {
      discord.gateway.invalidate(random.chance(0.5));
    },
  },
  {
    kind: 'gateway: closed for good (4004, 4014)',
    part: 'bot',
    silences: BOTH,
    async inject({ discord, bot }, random) {
      const reason = random.pick([4004, 4014]);
      const code = await bot.endsByItself(() => discord.gateway.close(reason), END_SECONDS);
      await bot.start();
      if (code !== 1)
        throw new Violation(`the bot ended with code ${code}, not 1, when its gateway closed with ${reason}`);
    },
  },
  {
    kind: 'gateway: no answer to heartbeats',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }) {
      discord.gateway.answersHeartbeats = false;
      await sleep(2.5 * discord.gateway.heartbeatIntervalMs);
      discord.gateway.answersHeartbeats = true;
    },
  },
  {
    kind: 'gateway: the last event once more',
    part: 'discord',
    async inject({ discord }) {
      discord.gateway.repeatLast();
    },
  },
];
