import { setTimeout as sleep } from 'node:timers/promises';
import { webApi } from '@slack/bolt';
import type { z } from 'zod';
import { MethodLimits } from './method-limits.ts';
import { SlackError, toSlackError } from './slack-error.ts';

/** Longer than Slack takes, shorter than a person's patience and the outbox's lease. */
const TIMEOUT_MS = 15_000;

/** Bytes may take so many times as long. */
const UPLOAD_TIMEOUTS = 4;

/** In an outage, over about four seconds. */
const OUTAGE_TRIES = 4;

export interface SlackApiTimes {
  readonly timeoutMs?: number | undefined;
  /** Milliseconds of a clock that is never set back. */
  readonly now?: (() => number) | undefined;
}

/**
 * Slack's Web API with our own rules: one try a call, because the SDK's ten tries over half an hour would outlive the
 * outbox, which knows better when to try again; and answers are parsed.
 */
export class SlackApi {
  /** How long the post of a file's bytes may take. */
  readonly uploadTimeoutMs: number;
  private readonly client: webApi.WebClient;
  private readonly limits: MethodLimits;

  constructor(token: string, options: webApi.WebClientOptions, { timeoutMs = TIMEOUT_MS, now }: SlackApiTimes = {}) {
    this.uploadTimeoutMs = UPLOAD_TIMEOUTS * timeoutMs;
    this.client = new webApi.WebClient(token, { ...options, timeout: timeoutMs });
    this.limits = new MethodLimits(now);
  }

  /** Rejects with a `SlackError`. */
  async call<Schema extends z.ZodType>(
    method: string,
    args: Record<string, unknown>,
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    this.limits.check(method);
    let result: unknown;
    try {
      result = await this.client.apiCall(method, args);
    } catch (error) {
      const failure = toSlackError(method, error);
      this.limits.note(failure);
      throw failure;
    }
    const parsed = schema.safeParse(result);
    if (parsed.success) return parsed.data;
    throw new SlackError('outage', method, `an answer that we cannot read: ${parsed.error.issues[0]?.message}`);
  }

  /**
   * The same, standing in line for as long as Slack limits it. Only for what a person waits for; in an outage it is tried
   * again where `repeatable` says that doing it twice does no harm.
   */
  async insist<Schema extends z.ZodType>(
    method: string,
    args: Record<string, unknown>,
    schema: Schema,
    { repeatable }: { repeatable: boolean },
  ): Promise<z.infer<Schema>> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.limits.inLine(method, () => this.call(method, args, schema));
      } catch (error) {
        const again = error instanceof SlackError && error.kind === 'outage' && repeatable && attempt < OUTAGE_TRIES;
        if (!again) throw error;
        await sleep(250 * 2 ** attempt);
      }
    }
  }
}

/** The options of every SDK client that we make. The limits of retrying are ours (see `SlackApi`). */
export function clientOptions(
  apiUrl: string | undefined,
  logger: webApi.WebClientOptions['logger'],
): webApi.WebClientOptions {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    ...(logger === undefined ? {} : { logger }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
  };
}
