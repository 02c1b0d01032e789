/**
 * Things seen lately, each for `lifetimeMs`, at most `capacity` of them: a signature that comes again is a replay, an event
 * that comes again is a retry.
 */
export class RecentlySeen {
  private readonly seen = new Map<string, number>();
  private readonly lifetimeMs: number;
  private readonly capacity: number;
  private readonly now: () => number;

  constructor({ lifetimeMs, capacity, now }: { lifetimeMs: number; capacity: number; now: () => number }) {
    this.lifetimeMs = lifetimeMs;
    this.capacity = capacity;
    this.now = now;
  }

  /** True the first time. */
  isNew(key: string): boolean {
    const now = this.now();
    for (const [old, at] of this.seen) {
      if (now - at <= this.lifetimeMs && this.seen.size < this.capacity) break;
      this.seen.delete(old);
    }
    if (this.seen.has(key)) return false;
    this.seen.set(key, now);
    return true;
  }
}
