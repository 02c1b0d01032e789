import { maskFeather } from '../build-recipe.ts';
import { defineCommand } from '../command.ts';
import type { Picture } from '../job.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import { MAX_PROMPT_LENGTH } from '../parameters/prompts.ts';
import { MASK_STRENGTH, strengthLimits } from '../parameters/start-picture.ts';
import { promptedWork, typedPrompt } from '../prompted-work.ts';
import type { Recipe } from '../recipe.ts';
import type { FormReply } from '../reply.ts';
import { requireGranted, submit } from '../submit.ts';
import { findPicture, requireKept, targetOption } from '../targets.ts';

/** Draws a part of a picture anew. Without a mask it asks for one: the page lets it be painted, elsewhere it is attached. */
export const inpaint = defineCommand({
  name: 'inpaint',
  description: 'Draw a part of a picture anew',
  options: {
    target: targetOption,
    prompt: {
      type: 'string',
      maxLength: MAX_PROMPT_LENGTH,
      multiline: true,
      description: 'What is to be seen there; by default what the picture shows',
    },
    mask: { type: 'attachment', description: 'Which part: white on black, or the picture with a hole in it' },
    strength: {
      type: 'number',
      ...strengthLimits,
      description: 'How far from what is there now: 0.01 is hardly, 1 is all the way',
    },
  },
  permission: 'everyone',
  onPicture: { label: 'Inpaint', reactions: [] },
  async run(request, { target, prompt, mask, strength = MASK_STRENGTH }, services) {
    const messages = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(target, request, services);
    requireKept(picture, request);
    if (mask === undefined) return maskForm(picture, prompt, messages);
    const { upscale: _upscale, refiner: _refiner, ...rest } = picture.recipe;
    const recipe: Recipe = {
      ...rest,
      refine: null,
      seed: services.randomSeed(),
      init: { picture: picture.blob, strength: Math.max(strength, 1 / rest.steps) },
      feather: maskFeather(rest),
      parent: { recipe: picture.recipeId, by: 'inpaint' },
    };
    await requireGranted(request, services, await promptedWork(recipe, prompt, services, messages));
    return services.blobs.withMask(mask, picture, request.origin, async (given) => {
      const work = await promptedWork({ ...recipe, mask: given.key }, prompt, services, messages);
      return submit(request, services, work, job.visibility, [given]);
    });
  },
});

function maskForm(picture: Picture, prompt: string | undefined, messages: Messages): FormReply {
  const texts = messages.inpaint;
  const { id, blob, width, height, recipe } = picture;
  return {
    kind: 'form',
    command: 'inpaint',
    title: texts.title,
    mask: { name: 'mask', label: texts.mask, hint: texts.hint, picture: { blob, width, height } },
    fields: [
      {
        name: 'prompt',
        label: messages.describe('Prompt'),
        value: prompt ?? typedPrompt(recipe),
        multiline: true,
        required: true,
        maxLength: MAX_PROMPT_LENGTH,
      },
    ],
    hidden: { target: id },
  };
}
