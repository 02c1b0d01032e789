import { createHmac, timingSafeEqual } from 'node:crypto';
import { RecentlySeen } from './recently-seen.ts';

/** Slack asks for this: an older request may be a replay. Bolt looks only backwards, so a clock set ahead would pass. */
const MAX_SKEW_SECONDS = 300;

export type Verdict = 'genuine' | 'stale' | 'forged';

/** Checks `X-Slack-Signature`. https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function verifySignature(
  request: { readonly timestamp: string; readonly signature: string; readonly body: string | Buffer },
  secret: string,
  nowMilliseconds: number,
): Verdict {
  if (!/^\d{1,12}$/.test(request.timestamp)) return 'forged';
  const expected = createHmac('sha256', secret).update(`v0:${request.timestamp}:`).update(request.body).digest('hex');
  const given = Buffer.from(request.signature);
  const wanted = Buffer.from(`v0=${expected}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'forged';
  return Math.abs(nowMilliseconds / 1000 - Number(request.timestamp)) <= MAX_SKEW_SECONDS ? 'genuine' : 'stale';
}

/** Remembers a signature for as long as its request could be replayed: the skew to both sides. */
export function replayGuard(now: () => number): RecentlySeen {
  return new RecentlySeen({ lifetimeMs: 2 * MAX_SKEW_SECONDS * 1000, capacity: 100_000, now });
}
