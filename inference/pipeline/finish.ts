import type { EngineResult } from '../../commands/engine.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { encodePng } from '../image/png.ts';
import { recipeTexts } from '../image/recipe-texts.ts';
import type { Tensor } from '../tensor.ts';
import { decodeLatent } from './latents.ts';
import type { Expert } from './model.ts';
import type { Progress } from './progress.ts';
import { keepStart, type StartPicture } from './start-picture.ts';
import type { TaskContext } from './task.ts';

/** A last latent to the PNG that a person gets, with its recipe inside. */
export async function finish(part: {
  readonly expert: Expert;
  readonly latent: Tensor;
  readonly start: StartPicture | null;
  readonly recipe: Recipe;
  readonly handoff: Uint8Array | null;
  readonly context: TaskContext;
  readonly progress: Progress;
}): Promise<EngineResult> {
  const { expert, latent, start, recipe, handoff, context, progress } = part;
  context.signal.throwIfAborted();
  const decoded = await progress.alone('decoding', () => decodeLatent(expert.networks, latent));
  const kept = await keepStart(decoded, start, recipe);
  const picture = await encodePng(kept, recipeTexts(recipe, expert.networks.arithmetic));
  const { arithmetic } = expert.networks;
  return { picture, width: recipe.width, height: recipe.height, handoff, arithmetic, ...progress.account() };
}
