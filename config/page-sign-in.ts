import type { Values } from './keys.ts';

/** Signing in at the page with a Discord account (OAuth2). */
export interface PageSignInConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Discord's ids of those who are the page's admins, and so may operate the service. */
  readonly admins: readonly string[];
  /** Guilds whose members may come in as guests. */
  readonly guilds: readonly string[];
  /** Where people are sent to consent, and the API that is asked afterwards. */
  readonly authorizeUrl: string;
  readonly apiUrl: string;
}

/** Null where people come in by invitations only; notes in `problems` what does not go together. */
export function pageSignInOf(values: Values, problems: string[]): PageSignInConfig | null {
  const { discordClientSecret: clientSecret, discordApplicationId: clientId, discordApiUrl, publicUrl } = values;
  const { pageAdmins: admins = [], pageGuilds: guilds = [] } = values;
  const isListed = admins.length + guilds.length > 0;
  if (clientSecret === undefined) {
    if (isListed) problems.push('PAGE_ADMINS and PAGE_GUILDS need DISCORD_CLIENT_SECRET beside them.');
    return null;
  }
  if (clientId === undefined || publicUrl === undefined) {
    problems.push(
      'DISCORD_CLIENT_SECRET needs DISCORD_APPLICATION_ID, and PUBLIC_URL for Discord to send people back to.',
    );
    return null;
  }
  if (!isListed)
    problems.push('DISCORD_CLIENT_SECRET lets nobody in: name people by PAGE_ADMINS, or guilds by PAGE_GUILDS.');
  return {
    clientId,
    clientSecret,
    admins,
    guilds,
    authorizeUrl: `${discordApiUrl ?? 'https://discord.com'}/oauth2/authorize`,
    apiUrl: `${discordApiUrl ?? 'https://discord.com/api'}/v10`,
  };
}
