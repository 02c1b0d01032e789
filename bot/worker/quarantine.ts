/**
 * Who may use the engine at the same time. An engine that dies takes everything with it that it was drawing, and nobody
 * knows which job was the cause: each of them is tried again alone, so that the one that kills it takes nobody along.
 */
export class Quarantine {
  private running = 0;
  private isAlone = false;
  private readonly waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  /** Runs work together with others, or alone; whoever came first begins first. */
  async run<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.waiting.push({ alone, enter });
      this.admit();
    });
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.isAlone = false;
      this.admit();
    }
  }

  private admit(): void {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      const mustWait = this.isAlone || (next.alone && this.running > 0);
      if (mustWait) return;
      this.waiting.shift();
      this.running += 1;
      this.isAlone = next.alone;
      next.enter();
    }
  }
}
