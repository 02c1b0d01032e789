/** Something that takes memory while it is in use, and may keep it afterwards for the next use. */
export interface Holder {
  readonly bytes: number;
  /** Frees the memory. It can be used again, and then takes the memory again. */
  release(): Promise<void>;
}

interface Waiter<H> {
  readonly holders: readonly H[];
  readonly enter: (cleared: Promise<unknown>) => void;
}

/**
 * Keeps what is in memory within a limit. What nobody uses stays until its place is needed; then what was used longest ago
 * is released first. What is in use is never released: whoever needs more than is left waits, and those who come later wait
 * behind them, so that nobody waits for ever. What alone is larger than the limit is let in when nothing else is in use.
 */
export class MemoryBudget<H extends Holder = Holder> {
  private limitBytes: number;
  /** What is in memory, with the number of its users; what was used longest ago first. */
  private readonly users = new Map<H, number>();
  private readonly retired = new Set<H>();
  private readonly line: Waiter<H>[] = [];

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** What is in memory now. */
  get held(): readonly H[] {
    return [...this.users.keys()];
  }

  /** Takes so much of the limit away: for what is in memory for good. What is held beyond goes when the next one comes. */
  reserve(bytes: number): void {
    this.limitBytes -= bytes;
  }

  /** Resolves when these may be in memory together, where they stay until `leave`. Rejects with the signal's reason. */
  async enter(holders: readonly H[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<unknown>((resolve, reject) => {
      const waiter: Waiter<H> = {
        holders,
        enter: (cleared) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(cleared);
        },
      };
      const giveUp = (): void => {
        this.line.splice(this.line.indexOf(waiter), 1);
        reject(signal?.reason);
        this.admit();
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.line.push(waiter);
      this.admit();
    });
  }

  leave(holders: readonly H[]): void {
    for (const holder of holders) {
      this.users.set(holder, (this.users.get(holder) ?? 1) - 1);
      if (this.retired.has(holder)) void this.retire(holder);
    }
    this.admit();
  }

  /** Releases it as soon as nobody uses it, for good. */
  async retire(holder: H): Promise<void> {
    const users = this.users.get(holder);
    if (users !== undefined && users > 0) {
      this.retired.add(holder);
      return;
    }
    this.retired.delete(holder);
    if (this.users.delete(holder)) await holder.release();
  }

  private admit(): void {
    for (let next = this.line[0]; next !== undefined; next = this.line[0]) {
      const { holders } = next;
      const inUse = this.held.filter((holder) => !holders.includes(holder) && (this.users.get(holder) ?? 0) > 0);
      if (inUse.length > 0 && bytesOf([...inUse, ...holders]) > this.limitBytes) return;
      this.line.shift();
      const released = this.makeRoomFor(holders);
      for (const holder of holders) {
        const users = this.users.get(holder) ?? 0;
        this.users.delete(holder);
        this.users.set(holder, users + 1);
      }
      next.enter(Promise.allSettled(released));
    }
  }

  private makeRoomFor(holders: readonly H[]): readonly Promise<void>[] {
    const idle = this.held.filter((holder) => !holders.includes(holder) && this.users.get(holder) === 0);
    const released: Promise<void>[] = [];
    for (const holder of idle) {
      if (bytesOf(new Set([...this.held, ...holders])) <= this.limitBytes) break;
      this.users.delete(holder);
      released.push(holder.release());
    }
    return released;
  }
}

function bytesOf(holders: Iterable<Holder>): number {
  return [...holders].reduce((sum, { bytes }) => sum + bytes, 0);
}
