import type { EngineProgress, EngineResult, Stage } from '../../commands/engine.ts';

/** One task's account: what the person who waits is told, what took how long, and what is to be said in the end. */
export class Progress {
  private readonly report: (progress: EngineProgress) => void;
  private readonly seconds = new Map<Stage, number>();
  private readonly notes = new Set<string>();
  private steps = 0;
  private step = 0;

  constructor(report: (progress: EngineProgress) => void) {
    this.report = report;
  }

  /** How many steps base and refiner will take together. */
  expectSteps(steps: number): void {
    this.steps = steps;
  }

  /** Announces a stage and counts its time, which nobody shares. */
  async during<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    this.tell(stage);
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.add(stage, (performance.now() - start) / 1000);
    }
  }

  /** One more step is done; `seconds` is the task's share of the pass. */
  stepDone(stage: Stage, seconds: number, isWholeStep: boolean): void {
    this.add(stage, seconds);
    if (isWholeStep) this.step++;
    this.tell(stage);
  }

  /** Something that the person should know; said once however often it is found. */
  note(text: string): void {
    this.notes.add(text);
  }

  /** A preview of the stage as it was a moment ago. */
  preview(stage: Stage, preview: Uint8Array): void {
    this.tell(stage, preview);
  }

  account(): Pick<EngineResult, 'computeSeconds' | 'timings' | 'notes'> {
    const timings = Object.fromEntries([...this.seconds].map(([stage, seconds]) => [stage, round(seconds)]));
    const computeSeconds = round([...this.seconds.values()].reduce((sum, seconds) => sum + seconds, 0));
    return { computeSeconds, timings, notes: [...this.notes] };
  }

  private tell(stage: Stage, preview?: Uint8Array): void {
    this.report({ stage, step: this.step, steps: this.steps, ...(preview && { preview }) });
  }

  private add(stage: Stage, seconds: number): void {
    this.seconds.set(stage, (this.seconds.get(stage) ?? 0) + seconds);
  }
}

/** To a tenth of a millisecond. */
function round(seconds: number): number {
  return Math.round(seconds * 10_000) / 10_000;
}
