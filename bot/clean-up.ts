import type { Logger } from '../config/index.ts';
import { within } from './within.ts';

/** A service manager that sent SIGTERM kills after 30 s at the earliest; jobs in hand have ten of them. */
const LIMIT_MS = 20_000;
/** What ends after something that hung gets so long all the same. */
const LEAST_MS = 500;

/** What was started, to be ended in the opposite order. One that fails or hangs is told, and keeps no other from ending. */
export class CleanUp {
  private readonly steps: { readonly what: string; readonly end: () => Promise<void> }[] = [];
  private readonly limitMs: number;

  /** `limitMs`: how long it may take in all. */
  constructor(limitMs: number = LIMIT_MS) {
    this.limitMs = limitMs;
  }

  add(what: string, end: () => Promise<void>): void {
    this.steps.push({ what, end });
  }

  async run(log?: Pick<Logger, 'warn'>): Promise<void> {
    const until = performance.now() + this.limitMs;
    for (const { what, end } of this.steps.splice(0).reverse()) {
      await within(Math.max(until - performance.now(), LEAST_MS), end()).catch((error: unknown) =>
        log?.warn({ error }, `${what} did not end in good order`),
      );
    }
  }
}
