import { Command } from 'commander';
import type { DiscordConfig } from '../../config/index.ts';
import { ConfigError } from '../../config/load.ts';
import { print, printError } from './terminal.ts';

/** `easel discord register` and `invite`: what a server's owner needs before the first picture. */
export function discordCommand(): Command {
  const register = new Command('register')
    .exitOverride()
    .description('Tell Discord which commands Easel has; only what differs is written')
    .action(async () => {
      const { api, application } = await connection();
      const [{ commands }, { registerCommands }, { inviteLink }] = await Promise.all([
        import('../../commands/index.ts'),
        import('../discord/setup/register.ts'),
        import('../discord/setup/permissions.ts'),
      ]);
      const { saved, removed, unchanged } = await registerCommands(api, application, commands);
      const lines = [
        ...saved.map((name) => `saved    ${name}`),
        ...removed.map((name) => `removed  ${name}`),
        `${unchanged} unchanged`,
        `Invite Easel to a server: ${inviteLink(application)}`,
      ];
      print(`${lines.join('\n')}\n`);
    });
  const invite = new Command('invite')
    .exitOverride()
    .description('Print the link that adds Easel to a server; each permission’s reason goes to standard error')
    .action(async () => {
      const { application } = await connection();
      const { inviteLink, neededPermissions } = await import('../discord/setup/permissions.ts');
      print(`${inviteLink(application)}\n`);
      const reasons = neededPermissions.map(({ name, reason }) => `  ${name.padEnd(25)} ${reason}`);
      printError(`${['Why Easel asks for these permissions:', ...reasons].join('\n')}\n`);
    });
  return new Command('discord').description('Set Easel up on Discord').addCommand(register).addCommand(invite);
}

/** Discord by the configured token. */
async function connection() {
  const [{ loadConfig }, { DiscordApi }] = await Promise.all([
    import('../../config/index.ts'),
    import('../discord/transport/api.ts'),
  ]);
  const config: DiscordConfig | null = loadConfig().discord;
  if (config === null) {
    throw new ConfigError([
      'DISCORD_TOKEN is not set: copy the token from https://discord.com/developers/applications (your application, Bot).',
    ]);
  }
  const api = new DiscordApi(config);
  return { api, application: config.applicationId ?? (await api.application()) };
}
