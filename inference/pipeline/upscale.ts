import { EngineError, type EngineResult, type EngineTask } from '../../commands/engine.ts';
import { recipeTexts } from '../image/recipe-texts.ts';
import { upscaleLanczos } from '../image/upscale.ts';
import { Progress } from './progress.ts';
import type { TaskContext } from './task.ts';

/** Enlarges a finished picture as its recipe's `upscale` says. */
export async function upscale(
  task: Extract<EngineTask, { kind: 'upscale' }>,
  context: TaskContext,
): Promise<EngineResult> {
  const { recipe, picture } = task;
  const progress = new Progress(context.report);
  if (recipe.upscale?.method !== 'lanczos') {
    throw new EngineError(
      'invalid',
      `The method ${recipe.upscale?.method ?? 'of enlarging'} is not known here; known: lanczos.`,
    );
  }
  const { factor } = recipe.upscale;
  const enlarged = await progress.during('upscaling', () => upscaleLanczos(picture, factor, recipeTexts(recipe)));
  return { ...enlarged, handoff: null, ...progress.account() };
}
