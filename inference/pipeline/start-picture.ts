import { EngineError } from '../../commands/engine.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { compose } from '../image/compose.ts';
import { decodeMask, decodePicture } from '../image/decode.ts';
import { maskAround, placePicture } from '../image/place.ts';
import type { Tensor } from '../tensor.ts';

/** What a recipe starts from, in pixels. */
export interface StartPicture {
  /** [1, 3, H, W] in 0 .. 1 */
  readonly picture: Tensor;
  /** [1, 1, H, W]: 1 where to draw; null: everywhere. */
  readonly mask: Tensor | null;
}

/** The encoded pictures that come with a task whose recipe has a start. */
export interface StartFiles {
  readonly init?: Uint8Array;
  readonly mask?: Uint8Array;
}

/** Reads the start that a recipe names; null where it has none. Rejects with an `invalid` EngineError where one is missing. */
export async function readStart(recipe: Recipe, { init, mask }: StartFiles): Promise<StartPicture | null> {
  if (recipe.init === undefined) {
    if (recipe.mask === undefined) return null;
    throw new EngineError('invalid', 'A mask needs a picture that it is for: attach one.');
  }
  if (init === undefined) throw new EngineError('invalid', 'The start picture is missing: attach it again.');
  const { place } = recipe.init;
  if (place !== undefined) {
    if (place.x + place.width > recipe.width || place.y + place.height > recipe.height) {
      throw new EngineError('invalid', 'The start picture lies outside of the picture: draw it from its button again.');
    }
    return {
      picture: await placePicture(init, place, recipe),
      mask: maskAround(place, recipe.feather ?? 0, recipe),
    };
  }
  const picture = await decodePicture(init, recipe);
  if (recipe.mask === undefined) return { picture, mask: null };
  if (mask === undefined) throw new EngineError('invalid', 'The mask is missing: attach it again.');
  return { picture, mask: await decodeMask(mask, recipe) };
}

/** The finished picture with the start's own pixels where the recipe keeps them. */
export async function keepStart(drawn: Tensor, start: StartPicture | null, { feather }: Recipe): Promise<Tensor> {
  if (feather === undefined || start === null || start.mask === null) return drawn;
  return compose(drawn, start.picture, start.mask, feather);
}
