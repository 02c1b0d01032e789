import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Lets so much work through at a time and no more. Before each piece the event loop has a turn of its own: the embedded
 * database computes in this process and chains its statements without one, so that a rush of requests would otherwise keep
 * timers and sockets, and with them every acknowledgement, waiting until all of them are done.
 */
export class Turnstile {
  private readonly width: number;
  private readonly waiting: (() => void)[] = [];
  private inside = 0;

  constructor(width: number) {
    this.width = width;
  }

  /** Settles as `work` does, once its turn has come; turns come in order. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      await nextTurn();
      return await work();
    } finally {
      this.leave();
    }
  }

  /** For work that has passed: settles as `work` does, which leaves its place to others meanwhile, and takes one again. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.leave();
    try {
      return await work();
    } finally {
      await this.enter();
    }
  }

  private async enter(): Promise<void> {
    if (this.inside >= this.width) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.inside++;
  }

  private leave(): void {
    const next = this.waiting.shift();
    // Whoever is next takes this one's place.
    if (next === undefined) this.inside--;
    else next();
  }
}
