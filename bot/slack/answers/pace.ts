import { setTimeout as sleep } from 'node:timers/promises';
import { SlackError } from '../transport/slack-error.ts';

/** Slack lets an app post about one message a second in a channel, with short bursts. */
const CHANNEL_INTERVAL_MS = 1000;
const CHANNEL_BURST = 2;

/** chat.update is of tier 3, 50 a minute and workspace; this leaves a third of them to deliveries. */
const EDIT_INTERVAL_MS = 1800;

/** Messages whose answer is there, so that a late state is not shown over it. */
const REMEMBERED = 10_000;

/** Turns to post in a channel: about one a second, in the order in which they were asked for. */
export class ChannelPace {
  private readonly next = new Map<string, number>();

  /**
   * Resolves when this caller may post. Rejects at once with a `SlackError` where that would take longer than `patienceMs`:
   * then nothing is reserved, and the channel is busier than Slack allows.
   */
  async turn(channel: string, patienceMs = Number.POSITIVE_INFINITY): Promise<void> {
    const now = performance.now();
    const earliest = now - (CHANNEL_BURST - 1) * CHANNEL_INTERVAL_MS;
    const at = Math.max(this.next.get(channel) ?? earliest, earliest);
    if (at - now > patienceMs) {
      const retryAfterSeconds = Math.ceil((at - now) / 1000);
      throw new SlackError('limited', 'chat.postMessage', 'the channel is busy', { retryAfterSeconds });
    }
    this.next.set(channel, at + CHANNEL_INTERVAL_MS);
    // What lies before the burst's beginning says nothing any more.
    for (const [other, time] of this.next) if (time <= earliest) this.next.delete(other);
    if (at > now) await sleep(at - now);
  }
}

type Edit = () => Promise<void>;

/**
 * Edits that show progress, at the pace that Slack allows to the whole workspace. For one message only the newest counts,
 * in the place in line of the one that it replaces, and never two at once, so that none overtakes another.
 */
export class ProgressEdits {
  private readonly waiting = new Map<string, Edit>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly closed = new Set<string>();
  private nextAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly intervalMs: number;

  constructor(intervalMs = EDIT_INTERVAL_MS) {
    this.intervalMs = intervalMs;
  }

  /** Shows this state of the message in a while, unless a newer one comes. */
  offer(message: string, edit: Edit): void {
    if (this.stopped || this.closed.has(message)) return;
    this.waiting.set(message, edit);
    this.schedule();
  }

  /** No more edits of this message: its answer is there. Resolves when the one that is under way is over. */
  async close(message: string): Promise<void> {
    this.closed.add(message);
    for (const oldest of this.closed) {
      if (this.closed.size <= REMEMBERED) break;
      this.closed.delete(oldest);
    }
    this.waiting.delete(message);
    await this.running.get(message);
  }

  stop(): void {
    this.stopped = true;
    this.waiting.clear();
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => this.turn(), Math.max(0, this.nextAt - performance.now()));
    this.timer.unref();
  }

  private turn(): void {
    this.timer = undefined;
    const next = [...this.waiting].find(([message]) => !this.running.has(message));
    if (next === undefined) return;
    const [message, edit] = next;
    this.waiting.delete(message);
    this.nextAt = performance.now() + this.intervalMs;
    const done = edit()
      .catch((error: unknown) => this.failed(error))
      .finally(() => {
        this.running.delete(message);
        if (this.waiting.size > 0) this.schedule();
      });
    this.running.set(message, done);
    if (this.waiting.size > 0) this.schedule();
  }

  /** Progress is best effort: a failure costs one state, and a limit slows all of them down. */
  private failed(error: unknown): void {
    if (error instanceof SlackError && error.kind === 'limited') {
      this.nextAt = performance.now() + error.retryAfterSeconds * 1000;
    }
  }
}
