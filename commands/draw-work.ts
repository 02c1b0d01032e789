import type { Work } from './job.ts';
import { type PictureTexts, pictureRecipe, type Recipe, recipeId, withTexts } from './recipe.ts';

/** The work of drawing a recipe with the texts of each picture, of which there is at least one. */
export function drawWork(shared: Recipe, pictures: readonly PictureTexts[]): Extract<Work, { kind: 'draw' }> {
  const [first, ...more] = pictures.map((texts) => withTexts(shared, texts));
  if (first === undefined) throw new RangeError('There is no work without a picture.');
  const differ = more.some((recipe, index) => recipeId(recipe) !== recipeId(pictureRecipe(first, index + 1)));
  return {
    kind: 'draw',
    recipe: first,
    count: pictures.length,
    ...(differ && { variants: [...pictures] }),
  };
}
