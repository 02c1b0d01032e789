import type { Json } from './state.ts';

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
  | { readonly kind: 'lost' }
  /** Does it and never answers. */
  | { readonly kind: 'mute' };

interface Rule {
  readonly fault: Fault;
  readonly isMeant: (args: Json) => boolean;
}

/** Faults that wait for the next calls of a method (`upload` is the post of a file's bytes). */
export class Faults {
  /** While true, every call of the Web API and every upload is answered with 503. */
  outage = false;
  private readonly waiting = new Map<string, Rule[]>();

  add(method: string, fault: Fault, times = 1, isMeant: (args: Json) => boolean = () => true): void {
    const list = this.waiting.get(method) ?? [];
    for (let i = 0; i < times; i++) list.push({ fault, isMeant });
    this.waiting.set(method, list);
  }

  take(method: string, args: Json = {}): Fault | undefined {
    if (this.outage) return { kind: 'status', status: 503 };
    const list = this.waiting.get(method) ?? [];
    const index = list.findIndex(({ isMeant }) => isMeant(args));
    return index === -1 ? undefined : list.splice(index, 1)[0]?.fault;
  }

  /** What has waited in vain waits no more. */
  clear(): void {
    this.waiting.clear();
  }
}
