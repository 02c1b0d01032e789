import {
  Client,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayCloseCodes,
  GatewayIntentBits,
  Options,
  type SessionInfo,
  SimpleShardingStrategy,
} from 'discord.js';
import { PlatformAwayError } from '../../platform.ts';
import { TOKEN_HELP } from './discord-error.ts';
import { makeRequest } from './make-request.ts';

/** Only what is used: servers with their roles and channels, and reactions. None of these is privileged. */
const INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.DirectMessageReactions,
];

/**
 * discord.js's client for the gateway, keeping little in memory. One instance may serve several shards. It connects no
 * more once `ending` is aborted.
 */
export function createClient(apiUrl: string | undefined, ending: AbortSignal): Client {
  return new Client({
    intents: INTENTS,
    shards: 'auto',
    allowedMentions: { parse: [] },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      ReactionManager: 0,
      UserManager: { maxSize: 1000, keepOverLimit: (user) => user.id === user.client.user?.id },
      GuildMemberManager: { maxSize: 200, keepOverLimit: (member) => member.id === member.client.user.id },
    }),
    ws: { buildStrategy: (manager) => endingStrategy(manager, ending) },
    rest: { makeRequest, ...(apiUrl === undefined ? {} : { api: apiUrl }) },
  });
}

/** That of @discordjs/ws; discord.js has another one by the same name. */
type ShardManager = ConstructorParameters<typeof SimpleShardingStrategy>[0];

/**
 * As @discordjs/ws connects shards by itself, but not after the end: its `destroy` passes over a shard that is between
 * two connections, which then connects again half a second later. What it asks for first is then never answered.
 */
function endingStrategy(manager: ShardManager, ending: AbortSignal): SimpleShardingStrategy {
  const { options } = manager;
  const sessionOf = options.retrieveSessionInfo;
  options.retrieveSessionInfo = (shard) => (ending.aborted ? new Promise<SessionInfo>(() => {}) : sessionOf(shard));
  return new SimpleShardingStrategy(manager);
}

/** Why Discord would not have us, in one line that says what to do. */
export class DiscordConnectionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DiscordConnectionError';
  }
}

const HELP: Readonly<Partial<Record<number, string>>> = {
  [GatewayCloseCodes.AuthenticationFailed]: TOKEN_HELP,
  [GatewayCloseCodes.InvalidShard]: 'Discord refuses the number of this shard.',
  [GatewayCloseCodes.ShardingRequired]: 'The bot is in so many servers that Discord wants more shards.',
  [GatewayCloseCodes.InvalidAPIVersion]: 'Discord no longer speaks this version of its API: update Easel.',
  [GatewayCloseCodes.InvalidIntents]: 'Discord does not know the intents that Easel asks for: update Easel.',
  [GatewayCloseCodes.DisallowedIntents]:
    'Discord does not allow the intents that Easel asks for (Guilds, Guild Message Reactions, Direct Message Reactions): check them at https://discord.com/developers/applications (your application, Bot, Privileged Gateway Intents).',
};

/** What a close code for which there is no reconnection means. */
export function closeHelp(code: number): string {
  return HELP[code] ?? `Discord closed the connection for good (code ${code}).`;
}

/**
 * Connects; resolves when all servers are known. Rejects with a `DiscordConnectionError`, or with a `PlatformAwayError`
 * where Discord cannot be reached now.
 */
export async function connect(client: Client, token: string): Promise<void> {
  const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  const refused = new Promise<never>((_resolve, reject) => {
    client.once(Events.ShardDisconnect, ({ code }) => reject(new DiscordConnectionError(closeHelp(code))));
  });
  try {
    await Promise.race([Promise.all([client.login(token), ready]), refused]);
  } catch (error) {
    await client.destroy();
    throw toConnectionError(error, client.options.rest?.api);
  }
}

function toConnectionError(error: unknown, api = 'https://discord.com/api'): Error {
  if (error instanceof DiscordConnectionError) return error;
  if (error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid) {
    return new DiscordConnectionError(TOKEN_HELP, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new PlatformAwayError(`Discord cannot be reached at ${api}: ${reason}.`, { cause: error });
}
