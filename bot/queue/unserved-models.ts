/** A worker that is restarted is back by then. */
const PATIENCE_MS = 60_000;

/** Remembers since when jobs wait for models that no worker serves. */
export class UnservedModels {
  private since: ReadonlyMap<string, number> = new Map();

  /** Of those that nobody serves at this moment, the ones for which it has been so for a minute. */
  overdue(models: readonly string[], nowMs: number): readonly string[] {
    this.since = new Map(models.map((model) => [model, this.since.get(model) ?? nowMs]));
    return models.filter((model) => nowMs - (this.since.get(model) ?? nowMs) >= PATIENCE_MS);
  }
}
