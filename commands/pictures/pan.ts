import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { MAX_OUTPAINTED_SIDE, outpaintRecipe, panDirections, panned } from '../outpaint.ts';
import { MAX_PROMPT_LENGTH } from '../parameters/prompts.ts';
import { promptedWork } from '../prompted-work.ts';
import { UserError } from '../request.ts';
import { submit } from '../submit.ts';
import { findPicture, requireKept, targetOption } from '../targets.ts';

/** Extends a picture to one side: it stays as it is, and the scene goes on there. */
export const pan = defineCommand({
  name: 'pan',
  description: 'Extend a picture to one side',
  options: {
    target: targetOption,
    direction: {
      type: 'string',
      maxLength: 5,
      choices: panDirections,
      description: 'To which side; right by default',
    },
    prompt: {
      type: 'string',
      maxLength: MAX_PROMPT_LENGTH,
      multiline: true,
      description: 'What is there; by default what the picture shows',
    },
  },
  permission: 'everyone',
  onPicture: { label: 'Pan', reactions: [] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(options.target, request, services);
    requireKept(picture, request);
    const canvas = panned(picture.recipe, panDirections.find((one) => one === options.direction) ?? 'right');
    if (Math.max(canvas.width, canvas.height) > MAX_OUTPAINTED_SIDE) {
      throw new UserError('too_large', messages.work.tooLarge(`${canvas.width}x${canvas.height}`, MAX_OUTPAINTED_SIDE));
    }
    const recipe = outpaintRecipe(
      picture,
      canvas,
      { by: 'pan', seed: services.randomSeed() },
      await services.models.describe(request, picture.recipe.model.name),
    );
    const work = await promptedWork(recipe, options.prompt, services, messages);
    return submit(request, services, work, job.visibility);
  },
});
