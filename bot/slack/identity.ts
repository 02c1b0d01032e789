import { z } from 'zod';
import { PlatformAwayError } from '../platform.ts';
import { missingScopes } from './scopes.ts';
import type { SlackApi } from './transport/api.ts';
import { SlackError } from './transport/slack-error.ts';

/** Why Easel cannot work in this workspace, with what repairs it. */
export class SlackSetupError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SlackSetupError';
  }
}

const authSchema = z.object({
  team_id: z.string(),
  user_id: z.string(),
  bot_id: z.string().default(''),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

export interface Identity {
  readonly team: string;
  readonly botUser: string;
  readonly botId: string;
}

/**
 * Who we are in this workspace. Rejects with a `SlackSetupError` that names the wrong token or the missing scopes, each with
 * what it is for; scopes that only some features need are a warning.
 */
export async function identify(api: SlackApi, warn: (line: string) => void): Promise<Identity> {
  const auth = await api.insist('auth.test', {}, authSchema, { repeatable: true }).catch((error: unknown) => {
    throw explain(error);
  });
  const granted = auth.response_metadata?.scopes;
  if (granted !== undefined) checkScopes(granted, warn);
  return { team: auth.team_id, botUser: auth.user_id, botId: auth.bot_id };
}

function checkScopes(granted: readonly string[], warn: (line: string) => void): void {
  const missing = missingScopes(granted);
  const required = missing.filter((scope) => scope.required);
  const list = (scopes: typeof missing) => scopes.map(({ scope, reason }) => `${scope} (${reason})`).join('; ');
  const fix =
    '`easel slack manifest` prints a manifest with every scope; paste it into the app’s settings and reinstall the app.';
  if (required.length > 0) throw new SlackSetupError(`The Slack app lacks ${list(required)}. ${fix}`);
  if (missing.length > 0) warn(`Some things will not work in Slack: the app lacks ${list(missing)}. ${fix}`);
}

function explain(error: unknown): unknown {
  if (!(error instanceof SlackError)) return error;
  if (error.kind === 'refused') {
    return new SlackSetupError(
      `Slack refuses SLACK_BOT_TOKEN (${error.code}): copy the Bot User OAuth Token (xoxb-…) again from the app’s page “OAuth & Permissions”.`,
    );
  }
  return new PlatformAwayError(`Slack cannot be reached: ${error.code}.`);
}
