import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { recipeId } from '../recipe.ts';
import { UserError } from '../request.ts';
import { submit } from '../submit.ts';
import { findPicture, requireKept, targetOption } from '../targets.ts';
import { LANCZOS, MAX_UPSCALED_SIDE } from '../upscale-methods.ts';

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
  },
  permission: 'everyone',
  onPicture: { label: 'Upscale', reactions: ['mag'] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(options.target, request, services);
    requireKept(picture, request);
    const { recipe } = picture;
    const factor = options.factor ?? 2;
    const method = options.method ?? services.upscaleMethods[0] ?? LANCZOS;
    if (!services.upscaleMethods.includes(method)) {
      throw new UserError('unknown_method', messages.work.upscaleMethod(method, services.upscaleMethods));
    }
    if (recipe.upscale !== undefined) {
      throw new UserError('already_upscaled', messages.work.alreadyUpscaled(recipe.upscale.factor));
    }
    const [width, height] = [picture.width * factor, picture.height * factor];
    if (Math.max(width, height) > MAX_UPSCALED_SIDE) {
      throw new UserError('too_large', messages.work.tooLargeToUpscale(`${width}x${height}`, MAX_UPSCALED_SIDE));
    }
    const upscaled = {
      ...recipe,
      upscale: { factor, method },
      parent: { recipe: recipeId(recipe), by: 'upscale' },
    };
    return submit(request, services, { kind: 'upscale', recipe: upscaled, source: picture.id }, job.visibility);
  },
});
