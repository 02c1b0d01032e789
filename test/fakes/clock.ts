/** Time as the fake sees it: real time plus what a test has skipped. Timers that the skip passes run at once. */
export class Clock {
  private skipped = 0;
  private readonly skips: { readonly at: number; readonly milliseconds: number }[] = [];
  private readonly timers = new Set<{ readonly at: number; readonly run: () => void; handle: NodeJS.Timeout }>();

  /** Milliseconds since the epoch. */
  readonly now = (): number => Date.now() + this.skipped;

  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** When it really was that this clock showed this time: milliseconds since the epoch. */
  realTime(moment: number): number {
    let real = moment;
    for (const { at, milliseconds } of this.skips) {
      if (real <= at) break;
      real = Math.max(at, real - milliseconds);
    }
    return real;
  }

  advance(milliseconds: number): void {
    this.skips.push({ at: Date.now(), milliseconds });
    this.skipped += milliseconds;
    for (const timer of [...this.timers].sort((a, b) => a.at - b.at)) {
      if (timer.at <= this.now()) {
        clearTimeout(timer.handle);
        this.timers.delete(timer);
        timer.run();
      }
    }
  }

  /** Runs `run` after so much of the fake's time; the returned function calls it off. */
  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.now() + milliseconds, run, handle: setTimeout(() => undefined, 0) };
    clearTimeout(timer.handle);
    timer.handle = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, milliseconds);
    this.timers.add(timer);
    return () => {
      clearTimeout(timer.handle);
      this.timers.delete(timer);
    };
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer.handle);
    this.timers.clear();
  }
}
