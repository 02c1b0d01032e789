import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CANARIES, type Installation } from '../installation.ts';

/** Secrets that stand in a log, each as one line that does not repeat the secret. */
export async function secretsInLogs({ folder, programs, discord, slack }: Installation): Promise<readonly string[]> {
  const secrets: Readonly<Record<string, string>> = {
    "Postgres' password": CANARIES.postgres,
    "Redis' password": CANARIES.redis,
    "Discord's token": discord.token,
    "Slack's bot token": slack.tokens.bot,
    "Slack's app token": slack.tokens.app,
    "Slack's signing secret": slack.signingSecret,
  };
  const found = new Set<string>();
  for (const { name } of programs) {
    const log = await readFile(join(folder, `${name}.log`), 'utf8');
    for (const [what, secret] of Object.entries(secrets))
      if (log.includes(secret)) found.add(`${what} is in ${name}.log`);
    // An interaction's token may answer in the bot's name for a quarter of an hour.
    for (const { token } of discord.interactions.all) {
      if (log.includes(token)) found.add(`an interaction's token is in ${name}.log`);
    }
    if (/\/response\/[0-9a-f-]{36}/.test(log)) found.add(`a response address of Slack is in ${name}.log`);
  }
  return [...found];
}
