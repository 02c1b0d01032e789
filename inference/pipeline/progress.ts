import type { EngineResult, Stage } from '../../commands/engine.ts';
import type { PictureNote } from '../../commands/picture-note.ts';
import type { TaskContext } from './task.ts';

/** One task's account: what the person who waits is told, what took how long, and what is to be said in the end. */
export class Progress {
  private readonly context: Pick<TaskContext, 'report' | 'alone'>;
  private readonly seconds = new Map<Stage, number>();
  private readonly notes = new Map<string, PictureNote>();
  private steps = 0;
  private step = 0;
  private parts = 1;

  constructor(context: Pick<TaskContext, 'report' | 'alone'>) {
    this.context = context;
  }

  /** How many steps base and refiner will take together. */
  expectSteps(steps: number): void {
    this.steps = steps;
  }

  /** Each step is done in so many parts, which are counted as steps where they are told. */
  splitSteps(parts: number): void {
    this.parts = parts;
  }

  /** Announces a stage and does its work with the engine to itself: its time is this picture's, and no other's. */
  async alone<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    this.tell(stage);
    const { result, seconds } = await this.context.alone(work);
    this.add(stage, seconds);
    return result;
  }

  /** Announces a stage that leaves the engine to others, and counts the time until it is done. */
  async during<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    this.tell(stage);
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.add(stage, (performance.now() - start) / 1000);
    }
  }

  /** A step or a share of one is done; `seconds` is the task's share of the pass. */
  stepDone(stage: Stage, seconds: number, share: number): void {
    this.add(stage, seconds);
    this.step += share;
    this.tell(stage);
  }

  /** Something that the person should know; said once however often it is found. */
  note(note: PictureNote): void {
    this.notes.set(JSON.stringify(note), note);
  }

  /** A preview of the stage as it was a moment ago. */
  preview(stage: Stage, preview: Uint8Array): void {
    this.tell(stage, preview);
  }

  account(): Pick<EngineResult, 'computeSeconds' | 'timings' | 'notes'> {
    const timings = Object.fromEntries([...this.seconds].map(([stage, seconds]) => [stage, round(seconds)]));
    const computeSeconds = round([...this.seconds.values()].reduce((sum, seconds) => sum + seconds, 0));
    return { computeSeconds, timings, notes: [...this.notes.values()] };
  }

  private tell(stage: Stage, preview?: Uint8Array): void {
    const { step, steps, parts } = this;
    this.context.report({ stage, step: Math.round(step * parts), steps: steps * parts, ...(preview && { preview }) });
  }

  private add(stage: Stage, seconds: number): void {
    this.seconds.set(stage, (this.seconds.get(stage) ?? 0) + seconds);
  }
}

/** To a tenth of a millisecond. */
function round(seconds: number): number {
  return Math.round(seconds * 10_000) / 10_000;
}
