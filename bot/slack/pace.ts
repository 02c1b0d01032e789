import { setTimeout as sleep } from 'node:timers/promises';
import { SlackError } from './slack-error.ts';

/** Slack lets an app post about one message a second in a channel, with short bursts. */
const CHANNEL_INTERVAL_MS = 1000;
const CHANNEL_BURST = 2;

/** chat.update is of tier 3, 50 a minute and workspace; this leaves a third of them to deliveries. */
const EDIT_INTERVAL_MS = 1800;

/** Turns to post in a channel: about one a second, in the order in which they were asked for. */
export class ChannelPace {
  private readonly next = new Map<string, number>();

  /** Resolves when this caller may post. */
  async turn(channel: string): Promise<void> {
    const now = performance.now();
    const earliest = now - (CHANNEL_BURST - 1) * CHANNEL_INTERVAL_MS;
    const at = Math.max(this.next.get(channel) ?? earliest, earliest);
    this.next.set(channel, at + CHANNEL_INTERVAL_MS);
    // What lies before the burst's beginning says nothing any more.
    for (const [other, time] of this.next) if (time <= earliest) this.next.delete(other);
    if (at > now) await sleep(at - now);
  }
}

type Edit = () => Promise<void>;

/**
 * Edits that show progress, at the pace that Slack allows to the whole workspace. For one message only the newest counts:
 * it takes the place in line of the one that it replaces.
 */
export class ProgressEdits {
  private readonly waiting = new Map<string, Edit>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly closed = new Set<string>();
  private pausedUntil = 0;
  private loop: Promise<void> | undefined;
  private stopped = false;

  /** Shows this state of the message in a while, unless a newer one comes. */
  offer(message: string, edit: Edit): void {
    if (this.stopped || this.closed.has(message)) return;
    this.waiting.set(message, edit);
    this.loop ??= this.run().finally(() => {
      this.loop = undefined;
    });
  }

  /** No more edits of this message: its answer is there. Resolves when the one that is under way is over. */
  async close(message: string): Promise<void> {
    this.closed.add(message);
    for (const oldest of this.closed) {
      if (this.closed.size <= 10_000) break;
      this.closed.delete(oldest);
    }
    this.waiting.delete(message);
    await this.running.get(message);
  }

  stop(): void {
    this.stopped = true;
    this.waiting.clear();
  }

  private async run(): Promise<void> {
    // A map's iteration also meets what is added while it goes.
    for (const message of this.waiting.keys()) {
      const pause = this.pausedUntil - performance.now();
      if (pause > 0) await sleep(pause, undefined, { ref: false });
      // Read anew: while we waited a newer state may have come, or the answer.
      const newest = this.waiting.get(message);
      if (newest === undefined) continue;
      this.waiting.delete(message);
      this.pausedUntil = performance.now() + EDIT_INTERVAL_MS;
      const done = newest().catch((error: unknown) => this.failed(error));
      this.running.set(message, done);
      await done;
      this.running.delete(message);
    }
  }

  /** Progress is best effort: a failure costs one state, and a limit slows all of them down. */
  private failed(error: unknown): void {
    if (error instanceof SlackError && error.kind === 'limited') {
      this.pausedUntil = performance.now() + error.retryAfterSeconds * 1000;
    }
  }
}
