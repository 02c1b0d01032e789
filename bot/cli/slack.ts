import { Command } from 'commander';
import { UserError } from '../../commands/request.ts';
import { printError, printJson } from './terminal.ts';

/** `easel slack manifest`: what to paste into Slack's settings so that the app has all it needs. */
export function slackCommand(): Command {
  const manifest = new Command('manifest')
    .exitOverride()
    .description(
      'Print the app manifest (JSON) made from Easel’s commands; each permission’s reason goes to standard error',
    )
    .option('--url <address>', 'public address of this bot, for signed HTTP instead of Socket Mode')
    .action(async ({ url }: { url?: string }) => {
      const [{ commands }, { createManifest }, scopes] = await Promise.all([
        import('../../commands/index.ts'),
        import('../slack/manifest.ts'),
        import('../slack/scopes.ts'),
      ]);
      if (url !== undefined && !URL.canParse(url))
        throw new UserError('usage', `--url: "${url}" is not an address; give one such as https://easel.example.org`);
      printJson(createManifest(commands, url ?? null));
      printError(reasons(scopes, url === undefined));
    });
  return new Command('slack').description('Set Easel up on Slack').addCommand(manifest);
}

function reasons(
  { botScopes, appScopes, botEvents }: typeof import('../slack/scopes.ts'),
  socketMode: boolean,
): string {
  const lines = [
    'Why Easel asks for these permissions:',
    ...botScopes.map(
      ({ scope, reason, required }) => `  ${scope.padEnd(20)} ${reason}${required ? '' : ' (optional)'}`,
    ),
    ...botEvents.map(({ event, reason }) => `  ${event.padEnd(20)} ${reason}`),
    ...(socketMode
      ? appScopes.map(({ scope, reason }) => `  ${scope.padEnd(20)} ${reason} (of an app-level token)`)
      : []),
    socketMode
      ? 'Create the app at https://api.slack.com/apps from this manifest, install it, and set SLACK_BOT_TOKEN and SLACK_APP_TOKEN.'
      : 'Create the app at https://api.slack.com/apps from this manifest, install it, and set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET.',
  ];
  return `${lines.join('\n')}\n`;
}
