import type { EngineProgress, EngineResult, EngineTask, ModelSource } from '../../commands/engine.ts';
import type { Predict } from './denoise.ts';
import { draw } from './draw.ts';
import { notFiniteError } from './find-broken-file.ts';
import { NotFiniteError } from './finite.ts';
import type { Model } from './model.ts';
import { refine } from './refine.ts';
import { upscale } from './upscale.ts';
import type { PictureUpscaler } from './upscaler.ts';

/** What a task may use and whom it tells. */
export interface TaskContext {
  readonly library: {
    open(source: ModelSource): Promise<Model>;
    withUpscaler<T>(path: string, use: (upscaler: PictureUpscaler) => Promise<T>): Promise<T>;
  };
  readonly predict: Predict;
  /** Does work that blocks the engine while no other picture has it, and tells how long it took. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<{ readonly result: T; readonly seconds: number }>;
  readonly signal: AbortSignal;
  readonly previews: boolean;
  readonly report: (progress: EngineProgress) => void;
}

/** Makes one picture. Rejects with the signal's reason when cancelled, else with what went wrong: numbers that are none
 * with the file that they came from. */
export async function runTask(task: EngineTask, context: TaskContext): Promise<EngineResult> {
  try {
    return await make(task, context);
  } catch (error) {
    throw error instanceof NotFiniteError ? await notFiniteError(task, context) : error;
  }
}

function make(task: EngineTask, context: TaskContext): Promise<EngineResult> {
  switch (task.kind) {
    case 'draw':
      return draw(task, context);
    case 'refine':
      return refine(task, context);
    case 'upscale':
      return upscale(task, context);
  }
}
