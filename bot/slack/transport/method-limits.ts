import { setTimeout as sleep } from 'node:timers/promises';
import { SlackError } from './slack-error.ts';

/** So many calls of one method at once: when Slack says "too many", only these few have gone in vain. */
const AT_ONCE = 4;

/**
 * What Slack has said about the rate of its methods. A limit holds for every caller: who cannot wait is turned away here,
 * without asking Slack again, and who can wait stands in line.
 */
export class MethodLimits {
  private readonly pausedUntil = new Map<string, number>();
  private readonly lines = new Map<string, Line>();
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Throws a `SlackError` where the method may not be called yet. */
  check(method: string): void {
    const left = this.left(method);
    if (left > 0) throw new SlackError('limited', method, 'ratelimited', { retryAfterSeconds: Math.ceil(left / 1000) });
  }

  note({ kind, method, retryAfterSeconds }: SlackError): void {
    if (kind === 'limited') this.pausedUntil.set(method, this.now() + Math.max(1, retryAfterSeconds) * 1000);
  }

  /** Runs the call when its turn comes, in order, and again for as long as Slack limits it. */
  async inLine<Result>(method: string, call: () => Promise<Result>): Promise<Result> {
    const line = this.lines.get(method) ?? { running: 0, waiting: [] };
    this.lines.set(method, line);
    if (line.running >= AT_ONCE) await new Promise<void>((resolve) => line.waiting.push(resolve));
    else line.running += 1;
    try {
      for (;;) {
        for (let left = this.left(method); left > 0; left = this.left(method))
          await sleep(left, undefined, { ref: false });
        try {
          return await call();
        } catch (error) {
          if (!(error instanceof SlackError) || error.kind !== 'limited') throw error;
        }
      }
    } finally {
      // Whoever waits longest takes this place over; else it is free.
      const next = line.waiting.shift();
      if (next === undefined) line.running -= 1;
      else next();
    }
  }

  private left(method: string): number {
    return (this.pausedUntil.get(method) ?? 0) - this.now();
  }
}

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}
