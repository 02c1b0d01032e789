import type { Clock } from '../clock.ts';

interface Window {
  startedAt: number;
  used: number;
}

export interface RateLimitVerdict {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfterSeconds: number;
  readonly global: boolean;
}

/** 50 requests a second; the endpoints of interactions are exempt. */
const GLOBAL = { limit: 50, seconds: 1 };
/** Requests that answer 401, 403 or 429 count; so many in ten minutes and the address is banned. */
export const INVALID_REQUESTS_BAN = 10_000;

interface Bucket {
  readonly pattern: RegExp;
  readonly name: string;
  readonly limit: number;
  readonly seconds: number;
}

/** The documented or observed limits of the routes that a bot leans on; each is counted per channel or webhook. */
const BUCKETS: readonly Bucket[] = [
  { pattern: /^POST \/channels\/(\d+)\/messages$/, name: 'channel-messages', limit: 5, seconds: 5 },
  { pattern: /^PATCH \/channels\/(\d+)\/messages\/\d+$/, name: 'channel-edits', limit: 5, seconds: 5 },
  { pattern: /^(?:POST|PATCH|DELETE|GET) \/webhooks\/\d+\/([^/]+)/, name: 'webhook', limit: 5, seconds: 2 },
];

/** Counts requests as Discord does and says which come too fast. */
export class RateLimits {
  /** Off: nothing is ever too fast. */
  enforced = true;
  invalidRequests = 0;
  private readonly windows = new Map<string, Window>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Counts one request. */
  take(method: string, path: string): RateLimitVerdict {
    if (!this.enforced) return { allowed: true, headers: {}, retryAfterSeconds: 0, global: false };
    const exempt = path.startsWith('/interactions/') || path.startsWith('/webhooks/');
    if (!exempt) {
      const wait = this.count('global', GLOBAL.limit, GLOBAL.seconds).wait;
      if (wait > 0) {
        return { allowed: false, headers: { 'x-ratelimit-global': 'true' }, retryAfterSeconds: wait, global: true };
      }
    }
    for (const { pattern, name, limit, seconds } of BUCKETS) {
      const match = pattern.exec(`${method} ${path}`);
      if (match === null) continue;
      const { wait, used, resetAfter } = this.count(`${name}:${match[1] ?? ''}`, limit, seconds);
      const headers = {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(Math.max(0, limit - used)),
        'x-ratelimit-reset': String(this.clock.now() / 1000 + resetAfter),
        'x-ratelimit-reset-after': resetAfter.toFixed(3),
        'x-ratelimit-bucket': name,
        ...(wait > 0 ? { 'x-ratelimit-scope': 'user' } : {}),
      };
      return { allowed: wait === 0, headers, retryAfterSeconds: wait, global: false };
    }
    return { allowed: true, headers: {}, retryAfterSeconds: 0, global: false };
  }

  noteAnswer(status: number): void {
    if (status === 401 || status === 403 || status === 429) this.invalidRequests += 1;
  }

  private count(key: string, limit: number, seconds: number): { wait: number; used: number; resetAfter: number } {
    const now = this.clock.now();
    const known = this.windows.get(key);
    const window = known !== undefined && now - known.startedAt < seconds * 1000 ? known : { startedAt: now, used: 0 };
    this.windows.set(key, window);
    const resetAfter = Math.max(0.001, seconds - (now - window.startedAt) / 1000);
    if (window.used >= limit) return { wait: resetAfter, used: window.used, resetAfter };
    window.used += 1;
    return { wait: 0, used: window.used, resetAfter };
  }
}
