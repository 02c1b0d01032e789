import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { recipeId } from '../recipe.ts';
import { UserError } from '../request.ts';
import { submit } from '../submit.ts';
import { findPicture, targetOption } from '../targets.ts';

/** In pixels; larger files do not fit the platforms' limits in any format that keeps the recipe. */
const MAX_UPSCALED_SIDE = 4096;

/** Enlarges a picture by Lanczos resampling: sharper than the browser's, and no detail is made up. */
export const upscale = defineCommand({
  name: 'upscale',
  description: 'Enlarge a picture',
  options: {
    target: targetOption,
    factor: { type: 'integer', min: 2, max: 4, description: 'How many times as wide and as high; 2 by default' },
  },
  permission: 'everyone',
  onPicture: { label: 'Upscale', reactions: ['mag'] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(options.target, request, services);
    const { recipe } = picture;
    const factor = options.factor ?? 2;
    if (recipe.upscale !== undefined) {
      throw new UserError('already_upscaled', messages.work.alreadyUpscaled(recipe.upscale.factor));
    }
    const [width, height] = [picture.width * factor, picture.height * factor];
    if (Math.max(width, height) > MAX_UPSCALED_SIDE) {
      throw new UserError('too_large', messages.work.tooLargeToUpscale(`${width}x${height}`, MAX_UPSCALED_SIDE));
    }
    const upscaled = {
      ...recipe,
      upscale: { factor, method: 'lanczos' },
      parent: { recipe: recipeId(recipe), by: 'upscale' },
    };
    return submit(request, services, { kind: 'upscale', recipe: upscaled, source: picture.id }, job.visibility);
  },
});
