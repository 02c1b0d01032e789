import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { DEFAULT_ZOOM, outpaintRecipe, zoomedOut, zoomLimits } from '../outpaint.ts';
import { MAX_PROMPT_LENGTH } from '../parameters/prompts.ts';
import { promptedWork } from '../prompted-work.ts';
import { submit } from '../submit.ts';
import { findPicture, requireKept, targetOption } from '../targets.ts';

/** Shows more of the scene: the picture becomes smaller, and what is around it is drawn. The size stays. */
export const zoomOut = defineCommand({
  name: 'zoom-out',
  description: 'Draw what is around a picture, which becomes smaller',
  options: {
    target: targetOption,
    factor: { type: 'number', ...zoomLimits, description: 'How many times as much is seen; 2 by default' },
    prompt: {
      type: 'string',
      maxLength: MAX_PROMPT_LENGTH,
      multiline: true,
      description: 'What the wider picture shows; by default what the picture shows',
    },
  },
  permission: 'everyone',
  onPicture: { label: 'Zoom out', reactions: [] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(options.target, request, services);
    requireKept(picture, request);
    const recipe = outpaintRecipe(
      picture,
      zoomedOut(picture.recipe, options.factor ?? DEFAULT_ZOOM),
      { by: 'zoom-out', seed: services.randomSeed() },
      await services.models.describe(request, picture.recipe.model.name),
    );
    const work = await promptedWork(recipe, options.prompt, services, messages);
    return submit(request, services, work, job.visibility);
  },
});
