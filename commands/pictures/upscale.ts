import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { submit } from '../submit.ts';
import { findPicture, requireKept, targetOption } from '../targets.ts';
import { upscaleMethods } from '../upscale-methods.ts';
import { upscaledRecipe } from '../upscaled-recipe.ts';

/** Enlarges a picture, by a network unless another method is asked for. */
export const upscale = defineCommand({
  name: 'upscale',
  description: 'Enlarge a picture',
  options: {
    target: targetOption,
    factor: { type: 'integer', min: 2, max: 4, description: 'How many times as wide and as high; 2 by default' },
    method: {
      type: 'string',
      maxLength: 40,
      autocomplete: 'upscaler',
      description: 'The network that enlarges, or lanczos for plain resampling',
    },
    detail: { type: 'boolean', description: 'Let the model draw finer detail into it, which takes longer' },
  },
  permission: 'everyone',
  onPicture: { label: 'Upscale', reactions: ['mag'] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(options.target, request, services);
    requireKept(picture, request);
    const methods = upscaleMethods(await services.extras.upscalers());
    const recipe = upscaledRecipe(picture.recipe, picture, options, methods, messages);
    const kind = recipe.upscale?.detail === undefined ? 'upscale' : 'detail';
    return submit(request, services, { kind, recipe, source: picture.id }, job.visibility);
  },
});
