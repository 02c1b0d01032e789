/** What may go wrong with one call of the REST API. */
export type Fault =
  /** Answers with this HTTP status and does nothing. */
  | { readonly kind: 'status'; readonly status: number }
  /** Refuses with this HTTP status and Discord's own code, and does nothing. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: number }
  /** Answers 429 and does nothing. `bodyOnly`: no header says how long to wait. */
  | { readonly kind: 'rate'; readonly seconds: number; readonly global?: boolean; readonly bodyOnly?: boolean }
  /** Cuts the connection without doing anything. */
  | { readonly kind: 'cut' }
  /** Does it, then cuts the connection: the caller cannot know. */
  | { readonly kind: 'lost' }
  /** Does it, but answers so much later. */
  | { readonly kind: 'slow'; readonly milliseconds: number };

interface Rule {
  readonly method: string | null;
  readonly path: RegExp;
  readonly fault: Fault;
  left: number;
}

/** Faults that wait for the next calls whose method and path match. */
export class Faults {
  private rules: Rule[] = [];

  /** `path` is matched against the path behind `/api/v10`, such as `/channels/1/messages`. Returns what ends the fault. */
  add(call: { method?: string; path: RegExp }, fault: Fault, times = 1): () => void {
    const rule = { method: call.method ?? null, path: call.path, fault, left: times };
    this.rules.push(rule);
    return () => {
      this.rules = this.rules.filter((other) => other !== rule);
    };
  }

  /** Every call fails with this status, until the returned function ends it. */
  outage(status = 503): () => void {
    return this.add({ path: /./ }, { kind: 'status', status }, Number.POSITIVE_INFINITY);
  }

  take(method: string, path: string): Fault | undefined {
    const rule = this.rules.find(
      (candidate) => candidate.left > 0 && (candidate.method ?? method) === method && candidate.path.test(path),
    );
    if (rule === undefined) return undefined;
    rule.left -= 1;
    return rule.fault;
  }
}
