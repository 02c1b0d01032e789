/** A worker that is restarted is back by then. */
const PATIENCE_MS = 60_000;

/** Remembers since when jobs wait for what no worker has. */
export class Impatience<T> {
  private since: ReadonlyMap<string, number> = new Map();

  /** Of what nobody has at this moment, that for which it has been so for a minute. */
  overdue(unserved: readonly T[], nowMs: number): readonly T[] {
    const began = (what: T): number => this.since.get(JSON.stringify(what)) ?? nowMs;
    this.since = new Map(unserved.map((what) => [JSON.stringify(what), began(what)]));
    return unserved.filter((what) => nowMs - began(what) >= PATIENCE_MS);
  }
}
