/** What may go wrong with one call of the Web API. */
export type Fault =
  /** Answers with this HTTP status and does nothing. */
  | { readonly kind: 'status'; readonly status: number }
  /** Answers 429 with this Retry-After and does nothing. */
  | { readonly kind: 'rate'; readonly seconds: number }
  /** Answers `ok: false` with this error and does nothing. */
  | { readonly kind: 'error'; readonly error: string }
  /** Cuts the connection without doing anything. */
  | { readonly kind: 'cut' }
  /** Does it, then cuts the connection: the caller cannot know. */
  | { readonly kind: 'lost' };

/** Faults that wait for the next calls of a method (`upload` is the post of a file's bytes). */
export class Faults {
  /** While true, every call of the Web API and every upload is answered with 503. */
  outage = false;
  private readonly waiting = new Map<string, Fault[]>();

  add(method: string, fault: Fault, times = 1): void {
    const list = this.waiting.get(method) ?? [];
    for (let i = 0; i < times; i++) list.push(fault);
    this.waiting.set(method, list);
  }

  take(method: string): Fault | undefined {
    return this.outage ? { kind: 'status', status: 503 } : this.waiting.get(method)?.shift();
  }
}
