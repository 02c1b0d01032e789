import type { Clock } from '../clock.ts';

/**
 * Calls a minute by tier (https://docs.slack.dev/apis/web-api/rate-limits). `sockets`: apps.connections.open is of tier 1,
 * but Slack grants the ten connections that an app may hold.
 */
const PER_MINUTE = { 1: 1, 2: 20, 3: 50, 4: 100, special: 600, sockets: 10 } as const;
export type Tier = keyof typeof PER_MINUTE;

/** "One message a second and channel; short bursts are allowed": a bucket of this size. */
const CHANNEL_BURST = 3;

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets a method, and one a channel for posting. */
export class RateLimits {
  private readonly buckets = new Map<string, Bucket>();
  private readonly clock: Clock;
  /** How often a caller was turned away, by method. */
  readonly refusals = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Seconds to wait, or null where the call may go. */
  take(method: string, tier: Tier, channel: string | null): number | null {
    const perMinute = PER_MINUTE[tier];
    const wait =
      this.draw(`method:${method}`, perMinute, perMinute / 60) ??
      (channel !== null && method === 'chat.postMessage' ? this.draw(`channel:${channel}`, CHANNEL_BURST, 1) : null);
    if (wait !== null) this.refusals.set(method, (this.refusals.get(method) ?? 0) + 1);
    return wait;
  }

  private draw(key: string, size: number, perSecond: number): number | null {
    const now = this.clock.now();
    const bucket = this.buckets.get(key) ?? { tokens: size, at: now };
    bucket.tokens = Math.min(size, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.buckets.set(key, bucket);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return null;
  }
}
