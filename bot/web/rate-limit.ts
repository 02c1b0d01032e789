import type { MiddlewareHandler } from 'hono';
import { Newest } from '../newest.ts';
import { refuse } from './refusals.ts';

/** A burst that no person makes by hand, and a steady pace above any person's. */
const BURST = 240;
const PER_SECOND = 8;
/** Clients that are remembered; the one that was longest silent is forgotten, with a full bucket anyway. */
const MAX_CLIENTS = 10_000;

/** A token bucket for each client: an address, or a person. */
export class RateLimit {
  private readonly buckets = new Newest<string, { tokens: number; at: number }>(MAX_CLIENTS);
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** Seconds to wait; 0: go on. */
  take(client: string): number {
    const now = this.now();
    const bucket = this.buckets.get(client) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, bucket.tokens + ((now - bucket.at) / 1000) * PER_SECOND);
    this.buckets.set(client, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    return tokens < 1 ? Math.ceil((1 - tokens) / PER_SECOND) : 0;
  }
}

/** Refuses what comes faster than people act; `clientOf` tells who a request comes from. */
export function rateLimited(
  limit: RateLimit,
  clientOf: (context: Parameters<MiddlewareHandler>[0]) => string,
): MiddlewareHandler {
  return async (context, next) => {
    const wait = limit.take(clientOf(context));
    if (wait === 0) return next();
    context.header('Retry-After', String(wait));
    return refuse(context, 'tooFast', 429);
  };
}
