import { pino } from 'pino';
import { z } from 'zod';
import type { Config } from '../../config/index.ts';
import { type Finding, messageOf } from './health-checks.ts';

/**
 * The token, and what each server grants. The intents need nobody's grant, for Easel asks for none that is privileged. A
 * server that lacks a permission makes Easel no less ready elsewhere.
 */
export async function checkDiscord(discord: Config['discord']): Promise<readonly Finding[]> {
  const name = 'Discord';
  if (discord === null) {
    return [{ name, status: 'off', found: 'no token', fix: 'set DISCORD_TOKEN (README, "Discord")' }];
  }
  const [{ DiscordApi }, { inviteLink, missingFrom }] = await Promise.all([
    import('../discord/transport/api.ts'),
    import('../discord/setup/permissions.ts'),
  ]);
  const api = new DiscordApi(discord);
  try {
    const application = await api.application();
    if (discord.applicationId !== undefined && discord.applicationId !== application) {
      const fix = `set DISCORD_APPLICATION_ID=${application}, or take the other application's token`;
      return [{ name, status: 'missing', found: 'the token is of another application', fix }];
    }
    const guilds = await api.guilds();
    const invite = guilds.length === 0 ? { fix: `invite it: ${inviteLink(application)}` } : {};
    return [
      { name, status: 'ok', found: `the token is taken; servers: ${guilds.length}`, ...invite },
      ...guilds.flatMap((guild): readonly Finding[] => {
        const missing = missingFrom(guild.permissions);
        if (missing.length === 0) return [];
        const found = `lacks ${missing.join(', ')}`;
        return [{ name: `Server ${guild.name}`, status: 'off', found, fix: inviteLink(application, guild.id) }];
      }),
    ];
  } catch (error) {
    return [{ name, status: 'missing', found: 'cannot be used', fix: messageOf(error) }];
  }
}

/** The tokens, and the bot's scopes against those of the manifest. */
export async function checkSlack(slack: Config['slack']): Promise<readonly Finding[]> {
  const name = 'Slack';
  if (slack === null) {
    const fix = 'set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (README, "Slack")';
    return [{ name, status: 'off', found: 'no tokens', fix }];
  }
  const [{ clientOptions, SlackApi }, { identify }, { quietLogger }, { explainSocket }, { SlackError }] =
    await Promise.all([
      import('../slack/transport/api.ts'),
      import('../slack/identity.ts'),
      import('../slack/transport/bolt-logger.ts'),
      import('../slack/transport/socket-connection.ts'),
      import('../slack/transport/slack-error.ts'),
    ]);
  const options = clientOptions(slack.apiUrl, quietLogger(pino({ enabled: false })));
  const warnings: string[] = [];
  try {
    const { team } = await identify(new SlackApi(slack.botToken, options), (line) => warnings.push(line));
    if (slack.appToken !== undefined) {
      // Names an address to connect to; nothing is connected.
      await new SlackApi(slack.appToken, options).call('apps.connections.open', {}, z.object({ url: z.string() }));
    }
    const way = slack.appToken === undefined ? 'over HTTP' : 'Socket Mode';
    return [
      { name, status: 'ok', found: `the tokens are taken in the workspace ${team}, ${way}` },
      ...warnings.map((fix): Finding => ({ name: 'Slack scopes', status: 'off', found: 'not all', fix })),
    ];
  } catch (error) {
    const reason = error instanceof SlackError ? explainSocket(error) : error;
    return [{ name, status: 'missing', found: 'cannot be used', fix: messageOf(reason) }];
  }
}
