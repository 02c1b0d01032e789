import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { refineShare } from '../parameters/refine.ts';
import type { Recipe } from '../recipe.ts';
import { UserError } from '../request.ts';
import { submitAlike } from '../same-arithmetic.ts';
import { findPicture, requireKept, targetOption } from '../targets.ts';

/** Lets the refiner draw the last steps anew, from the latent that the base left. */
export const refine = defineCommand({
  name: 'refine',
  description: 'Let the refiner work out the details of a picture',
  options: { target: targetOption },
  permission: 'everyone',
  onPicture: { label: 'Refine', reactions: ['sparkles'] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(options.target, request, services);
    requireKept(picture, request);
    const { recipe } = picture;
    if (recipe.refine !== null) throw new UserError('already_refined', messages.work.alreadyRefined);
    if (recipe.upscale !== undefined) throw new UserError('refine_first', messages.work.refineFirst);
    const model = await services.models.describe(request, recipe.model.name);
    if (model.refiner === null) throw new UserError('no_refiner', messages.recipe.noRefiner(model.name));
    const refined: Recipe = {
      ...recipe,
      refine: refineShare(model),
      refiner: model.refiner,
      parent: { recipe: picture.recipeId, by: 'refine' },
    };
    const work = { kind: 'refine', recipe: refined, source: picture.id } as const;
    return submitAlike(request, services, work, picture.arithmetic, job.visibility);
  },
});
