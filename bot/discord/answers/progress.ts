import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiscordError } from '../transport/discord-error.ts';

/** Between two edits in one lane: Discord allows about five in five seconds, and deliveries come before progress. */
const INTERVAL_MS = 1600;
/** A preview is an upload, so it comes more slowly than the text. */
const PREVIEW_INTERVAL_MS = 4000;
/** After a failure nobody is helped by the next edit at once. */
const PAUSE_AFTER_FAILURE_MS = 10_000;
/** How many messages are remembered, so that a late state is not shown over an answer that is there. */
const REMEMBERED = 10_000;

/** Is given what tells whether a preview is due; asking takes the turn. */
type Edit = (previewIsDue: () => boolean) => Promise<void>;

interface Lane {
  /** The newest state of each message, in the order in which they will be shown. */
  readonly waiting: Map<string, Edit>;
  running: { readonly message: string; readonly done: Promise<void> } | null;
}

/**
 * Edits that show progress. A lane is what Discord limits together: an interaction's token, or a channel. In each at most
 * one edit is under way, and for one message only the newest state counts.
 */
export class ProgressEdits {
  private readonly lanes = new Map<string, Lane>();
  private readonly previewedAt = new Map<string, number>();
  private readonly closed = new Set<string>();
  private pausedUntil = 0;
  private readonly stopping = new AbortController();

  constructor() {
    // Every lane waits on it.
    setMaxListeners(0, this.stopping.signal);
  }

  /** Shows this state of the message as soon as its lane allows, unless a newer one comes first. */
  offer(lane: string, message: string, edit: Edit): void {
    if (this.stopping.signal.aborted || this.closed.has(message)) return;
    const known = this.lanes.get(lane);
    if (known !== undefined) {
      known.waiting.set(message, edit);
      return;
    }
    const started: Lane = { waiting: new Map([[message, edit]]), running: null };
    this.lanes.set(lane, started);
    void this.work(lane, started);
  }

  /** No more edits of this message: its answer is there. Resolves when the one that is under way is over. */
  async close(lane: string, message: string): Promise<void> {
    this.closed.add(message);
    trim(this.closed);
    this.previewedAt.delete(message);
    const known = this.lanes.get(lane);
    known?.waiting.delete(message);
    if (known?.running?.message === message) await known.running.done;
  }

  stop(): void {
    this.stopping.abort();
    for (const { waiting } of this.lanes.values()) waiting.clear();
  }

  private async work(name: string, lane: Lane): Promise<void> {
    for (;;) {
      const pause = this.pausedUntil - performance.now();
      if (pause > 0) await this.wait(pause);
      const [next] = lane.waiting;
      if (next === undefined) break;
      const [message, edit] = next;
      lane.waiting.delete(message);
      const done = edit(() => this.previewIsDue(message)).catch((error: unknown) => this.failed(error));
      lane.running = { message, done };
      await done;
      lane.running = null;
      await this.wait(INTERVAL_MS);
    }
    this.lanes.delete(name);
  }

  /** Progress is best effort: a failure costs one state, and one of Discord's slows all of them down. */
  private failed(error: unknown): void {
    if (!(error instanceof DiscordError) || error.kind === 'refused') return;
    const pause = Math.max(PAUSE_AFTER_FAILURE_MS, error.retryAfterSeconds * 1000);
    this.pausedUntil = Math.max(this.pausedUntil, performance.now() + pause);
  }

  private previewIsDue(message: string): boolean {
    const now = performance.now();
    if (now - (this.previewedAt.get(message) ?? Number.NEGATIVE_INFINITY) < PREVIEW_INTERVAL_MS) return false;
    this.previewedAt.set(message, now);
    trim(this.previewedAt);
    return true;
  }

  private async wait(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}

/** Keeps the newest only. */
function trim(memory: Set<string> | Map<string, unknown>): void {
  for (const oldest of memory.keys()) {
    if (memory.size <= REMEMBERED) break;
    memory.delete(oldest);
  }
}
