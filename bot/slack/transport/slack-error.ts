import { webApi } from '@slack/bolt';
import { DeliveryError } from '../../platform.ts';

/**
 * Why a call of Slack's Web API failed. `limited`: nothing was done, try again after `retryAfterSeconds`. `outage`: Slack
 * or the network is in trouble, and the call may or may not have been done. `refused`: Slack said no, with `code`.
 */
export class SlackError extends Error {
  readonly kind: 'limited' | 'outage' | 'refused';
  readonly method: string;
  /** Slack's own error code (`not_in_channel`), or what broke. */
  readonly code: string;
  readonly retryAfterSeconds: number;
  /** What Slack says about it beside the code: which block, which scope. */
  readonly details: string;

  constructor(
    kind: 'limited' | 'outage' | 'refused',
    method: string,
    code: string,
    { retryAfterSeconds = 0, details = '' }: { retryAfterSeconds?: number; details?: string } = {},
  ) {
    super(`Slack's ${method} failed: ${code}${details === '' ? '' : ` (${details})`}`);
    this.name = 'SlackError';
    this.kind = kind;
    this.method = method;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.details = details;
  }
}

/** Codes that tell of Slack's own trouble, though the answer is a well-formed refusal. */
const TROUBLE = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'update_failed',
  'file_update_failed',
  'external_channel_migrating',
]);

/** The SDK's error as ours. */
export function toSlackError(method: string, error: unknown): SlackError {
  if (error instanceof SlackError) return error;
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return new SlackError('limited', method, 'ratelimited', { retryAfterSeconds: error.retryAfter });
  }
  if (error instanceof webApi.WebAPIHTTPError) return httpError(method, error.statusCode);
  if (error instanceof webApi.WebAPIPlatformError) {
    const { error: code, response_metadata: metadata } = error.data;
    const details = (metadata?.messages ?? []).join('; ');
    if (code === 'ratelimited' || code === 'rate_limited') {
      return new SlackError('limited', method, code, { retryAfterSeconds: metadata?.retryAfter ?? 30 });
    }
    return new SlackError(TROUBLE.has(code) ? 'outage' : 'refused', method, code, { details });
  }
  return new SlackError('outage', method, error instanceof Error ? error.message : String(error));
}

/** A server says these for the moment only; any other 4xx it would say again. */
const PASSING_STATUS: readonly number[] = [408, 425, 429];

/** An answer by its HTTP status alone. */
export function httpError(method: string, status: number): SlackError {
  const isRefusal = status >= 400 && status < 500 && !PASSING_STATUS.includes(status);
  return new SlackError(isRefusal ? 'refused' : 'outage', method, `HTTP ${status}`);
}

const LOCKED_OUT = new Set(['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired']);
const LOCKED_OUT_RETRY_SECONDS = 300;

/**
 * Whether the bot as a whole is locked out: a person can only wait until the operator has repaired it. A scope that is missing
 * refuses one method only; by the others the person can be told.
 */
export function isLockedOut(error: SlackError): boolean {
  return error.kind === 'refused' && LOCKED_OUT.has(error.code);
}

/** What the outbox should do after this error. */
export function toDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  if (!(error instanceof SlackError)) {
    return new DeliveryError('retry', error instanceof Error ? error.message : String(error));
  }
  if (isLockedOut(error)) return new DeliveryError('retry', error.message, LOCKED_OUT_RETRY_SECONDS);
  if (error.kind !== 'refused') return new DeliveryError('retry', error.message, error.retryAfterSeconds);
  return new DeliveryError('refused', error.message);
}
