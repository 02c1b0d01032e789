import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { DeliveryError } from '../../platform.ts';

/**
 * Why a call of Discord's REST API failed. `limited`: nothing was done, try again after `retryAfterSeconds`. `outage`:
 * Discord or the network is in trouble, and the call may or may not have been done. `refused`: Discord said no.
 */
export class DiscordError extends Error {
  readonly kind: 'limited' | 'outage' | 'refused';
  /** The HTTP status and Discord's own code; 0 where there is none. */
  readonly status: number;
  readonly code: number;
  readonly retryAfterSeconds: number;

  constructor(
    kind: 'limited' | 'outage' | 'refused',
    message: string,
    {
      status = 0,
      code = 0,
      retryAfterSeconds = 0,
    }: { status?: number; code?: number; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = 'DiscordError';
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Discord's codes that decide what is done next. https://docs.discord.com/developers/topics/opcodes-and-status-codes */
export const codes = {
  unknownChannel: 10003,
  unknownMessage: 10008,
  unknownWebhook: 10015,
  unknownInteraction: 10062,
  tooLarge: 40005,
  alreadyAcknowledged: 40060,
  invalidWebhookToken: 50027,
} as const;

export const TOKEN_HELP =
  'Discord refuses DISCORD_TOKEN: copy the token anew from https://discord.com/developers/applications (your application, Bot, Reset Token).';

/** The library's error as ours. `doing` names the call: "posting to the channel 123". */
export function toDiscordError(doing: string, error: unknown): DiscordError {
  if (error instanceof DiscordError) return error;
  if (error instanceof RateLimitError) {
    const retryAfterSeconds = error.retryAfter / 1000;
    return new DiscordError('limited', `Discord limits ${doing}`, { status: 429, retryAfterSeconds });
  }
  if (error instanceof DiscordAPIError) {
    const { status, message } = error;
    const code = Number(error.code);
    if (status === 401 && code === 0) return new DiscordError('refused', TOKEN_HELP, { status });
    return new DiscordError('refused', `Discord refused ${doing}: ${message} (${status}, code ${code})`, {
      status,
      code: Number.isNaN(code) ? 0 : code,
    });
  }
  if (error instanceof HTTPError) {
    const { status } = error;
    return new DiscordError('outage', `Discord failed at ${doing}: HTTP ${status}`, { status });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new DiscordError('outage', `${doing} did not reach Discord: ${reason}`);
}

/** Whether the message, or the token that leads to it, is no longer there. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof DiscordError) || error.kind !== 'refused') return false;
  return error.status === 404 || error.code === codes.invalidWebhookToken;
}

/** null: what was to be edited or read is not there any more. */
export async function unlessGone<Result>(attempt: () => Promise<Result>): Promise<Result | null> {
  try {
    return await attempt();
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Whether Discord said no to this call, whatever the code; not to the bot as a whole, nor for the moment only. */
export function isRefused(error: unknown): boolean {
  if (error instanceof DeliveryError) return error.outcome === 'refused';
  return error instanceof DiscordError && error.kind === 'refused' && !(error.status === 401 && error.code === 0);
}

/**
 * Whether Discord said no to what the answer says or shows (AutoMod's filter, say), rather than that it came too late or
 * twice: something else may be said in its place.
 */
export function isContentRefused(error: unknown): boolean {
  if (!isRefused(error) || isGone(error)) return false;
  return error instanceof DiscordError && error.code !== codes.alreadyAcknowledged;
}

/** Whether this place takes no message of ours: it is gone, closed, or we lack the permission. */
export function isClosed(error: unknown): boolean {
  return error instanceof DiscordError && error.kind === 'refused' && [403, 404].includes(error.status);
}

/** The bot as a whole is locked out; a person can only wait until the operator has repaired it. */
const LOCKED_OUT_RETRY_SECONDS = 300;

/** What the outbox should do after this error. */
export function toDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  if (!(error instanceof DiscordError)) {
    return new DeliveryError('retry', error instanceof Error ? error.message : String(error));
  }
  if (error.kind !== 'refused') return new DeliveryError('retry', error.message, error.retryAfterSeconds);
  if (error.status === 401 && error.code === 0)
    return new DeliveryError('retry', error.message, LOCKED_OUT_RETRY_SECONDS);
  return new DeliveryError('refused', error.message);
}
