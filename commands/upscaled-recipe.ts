import type { RecipeId } from './ids.ts';
import { en } from './locale/en.ts';
import type { Messages } from './locale/index.ts';
import { type Recipe, recipeId } from './recipe.ts';
import { UserError } from './request.ts';
import { LANCZOS, MAX_UPSCALED_SIDE } from './upscale-methods.ts';

/** How far an enlarged picture is drawn over: enough for finer detail, too little for other things. */
const DETAIL_STRENGTH = 0.3;

const DEFAULT_FACTOR = 2;

export interface UpscaleWishes {
  readonly factor?: number | undefined;
  readonly method?: string | undefined;
  /** Whether the model draws finer detail into it. */
  readonly detail?: boolean | undefined;
}

/**
 * The recipe that enlarges a picture of this size; `methods` are those that there are, the first is the default. Throws a
 * `UserError` of one line where it cannot be enlarged so.
 */
export function upscaledRecipe(
  recipe: Recipe,
  picture: { readonly width: number; readonly height: number; readonly recipeId?: RecipeId },
  { factor = DEFAULT_FACTOR, method, detail = false }: UpscaleWishes,
  methods: readonly string[],
  { work }: Messages = en,
): Recipe {
  const chosen = method ?? methods[0] ?? LANCZOS;
  if (!methods.includes(chosen)) throw new UserError('unknown_method', work.upscaleMethod(chosen, methods));
  if (recipe.upscale !== undefined) {
    throw new UserError('already_upscaled', work.alreadyUpscaled(recipe.upscale.factor));
  }
  const [width, height] = [picture.width * factor, picture.height * factor];
  if (Math.max(width, height) > MAX_UPSCALED_SIDE) {
    throw new UserError('too_large', work.tooLarge(`${width}x${height}`, MAX_UPSCALED_SIDE));
  }
  return {
    ...recipe,
    upscale: { factor, method: chosen, ...(detail && { detail: Math.max(DETAIL_STRENGTH, 1 / recipe.steps) }) },
    parent: { recipe: picture.recipeId ?? recipeId(recipe), by: 'upscale' },
  };
}
