import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault as DiscordFault } from '../../../test/fakes/discord/faults.ts';
import type { Random } from '../random.ts';
import type { Fault } from './fault.ts';

/** Refused calls of one fault; more would leave no way for anything. */
const MOST = 3;
const LASTS_MS = 4_000;

/** What Discord says: no permission, its filters, a thread that is archived, and a code that nobody knows. */
const DISCORD_CODES = [
  { status: 403, code: 50013 },
  { status: 403, code: 50001 },
  { status: 400, code: 20009 },
  { status: 400, code: 200000 },
  { status: 400, code: 50083 },
  { status: 400, code: 999_999 },
] as const;
const AUTOMOD: DiscordFault = { kind: 'refused', status: 400, code: 200_000 };

const DISCORD_CALLS = {
  'an edit': { method: 'PATCH', path: /\/messages\// },
  'a post': { method: 'POST', path: /^\/channels\/\d+\/messages$/ },
  'an upload': { path: /\/messages/, withFiles: true },
} as const;

const SLACK_CODES = [
  'a_code_that_nobody_knows',
  'storage_limit_reached',
  'file_uploads_disabled',
  'posting_to_channel_denied',
  'external_channel_migrating',
  'update_failed',
] as const;

const SLACK_METHODS = {
  'an edit': 'chat.update',
  'a post': 'chat.postMessage',
  'an upload': 'files.getUploadURLExternal',
  'a completion': 'files.completeUploadExternal',
} as const;

/** Platforms that say no: the picture comes another way, or words do and nothing is charged. */
export const refusalFaults: readonly Fault[] = [
  ...Object.entries(DISCORD_CALLS).map(
    ([what, call]): Fault => ({
      kind: `Discord: ${what} is refused`,
      part: 'discord',
      async inject({ discord }, random) {
        const refusal = random.pick(DISCORD_CODES);
        const end = discord.faults.add(call, { kind: 'refused', ...refusal }, random.whole(1, MOST));
        await sleep(LASTS_MS);
        end();
      },
    }),
  ),
  {
    kind: 'Discord: AutoMod on first answers',
    part: 'discord',
    silences: ['discord'],
    async inject({ discord }, random) {
      const calls = [
        { method: 'POST', path: /\/callback$/ },
        { method: 'PATCH', path: /@original$/ },
      ];
      const ends = calls.map((call) => discord.faults.add(call, AUTOMOD, random.whole(1, 2)));
      await sleep(LASTS_MS);
      for (const end of ends) end();
    },
  },
  ...Object.entries(SLACK_METHODS).map(
    ([what, method]): Fault => ({
      kind: `Slack: ${what} is refused`,
      part: 'slack',
      silences: ['slack'],
      async inject({ slack }, random) {
        slack.faults.add(method, { kind: 'error', error: random.pick(SLACK_CODES) }, refusals(random));
        await sleep(LASTS_MS);
        slack.faults.clear();
      },
    }),
  ),
];

function refusals(random: Random): number {
  return random.whole(1, MOST);
}
