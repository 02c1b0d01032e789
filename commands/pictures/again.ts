import { defineCommand } from '../command.ts';
import { type Recipe, recipeId } from '../recipe.ts';
import { submit } from '../submit.ts';
import { findPicture, targetOption } from '../targets.ts';

/** The same recipe with a new seed; a request for several pictures gives as many again. */
export const again = defineCommand({
  name: 'again',
  description: 'Draw the same again with a new seed',
  options: { target: targetOption },
  permission: 'everyone',
  onPicture: { label: 'Again', reactions: ['repeat'] },
  async run(request, options, services) {
    const { picture, job } = await findPicture(options.target, request, services);
    const { upscale: _upscale, ...drawn } = picture.recipe;
    const recipe: Recipe = {
      ...drawn,
      seed: services.randomSeed(),
      parent: { recipe: recipeId(picture.recipe), by: 'again' },
    };
    const count = job.work.kind === 'draw' ? job.work.count : 1;
    return submit(request, services, { kind: 'draw', recipe, count }, job.visibility);
  },
});
