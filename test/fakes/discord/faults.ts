/** What may go wrong with one call of the REST API. */
export type Fault =
  /** Answers with this HTTP status and does nothing. */
  | { readonly kind: 'status'; readonly status: number }
  /** Refuses with this HTTP status and Discord's own code, and does nothing. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: number }
  /** Answers 429 and does nothing. `bodyOnly`: no header says how long to wait; `seconds` null: nothing says it. */
  | { readonly kind: 'rate'; readonly seconds: number | null; readonly global?: boolean; readonly bodyOnly?: boolean }
  /** Cuts the connection without doing anything. */
  | { readonly kind: 'cut' }
  /** Does it, then cuts the connection: the caller cannot know. */
  | { readonly kind: 'lost' }
  /** Does it and never answers. */
  | { readonly kind: 'mute' }
  /** Does it, but answers so much later. */
  | { readonly kind: 'slow'; readonly milliseconds: number };

/** The calls that a fault is for. */
interface Call {
  readonly method?: string;
  /** Matched against the path behind `/api/v10`, such as `/channels/1/messages`. */
  readonly path: RegExp;
  /** Only those that bring files. */
  readonly withFiles?: boolean;
}

interface Rule {
  readonly call: Call;
  readonly fault: Fault;
  left: number;
}

/** Faults that wait for the next calls whose method and path match. */
export class Faults {
  private rules: Rule[] = [];

  /** Returns what ends the fault. */
  add(call: Call, fault: Fault, times = 1): () => void {
    const rule = { call, fault, left: times };
    this.rules.push(rule);
    return () => {
      this.rules = this.rules.filter((other) => other !== rule);
    };
  }

  /** Every call fails with this status, until the returned function ends it. */
  outage(status = 503): () => void {
    return this.add({ path: /./ }, { kind: 'status', status }, Number.POSITIVE_INFINITY);
  }

  take(method: string, path: string, hasFiles: boolean): Fault | undefined {
    const rule = this.rules.find(
      ({ call, left }) =>
        left > 0 && (call.method ?? method) === method && call.path.test(path) && (hasFiles || call.withFiles !== true),
    );
    if (rule === undefined) return undefined;
    rule.left -= 1;
    return rule.fault;
  }
}
