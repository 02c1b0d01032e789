import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { MAX_PROMPT_LENGTH, recipeId } from '../recipe.ts';
import { findPicture, targetOption } from '../targets.ts';

/** A form with the recipe filled in. Five fields, as Discord allows; what it does not show, `from` carries over. */
export const edit = defineCommand({
  name: 'edit',
  description: 'Change the prompt or the options of a picture and draw it again',
  options: { target: targetOption },
  permission: 'everyone',
  onPicture: { label: 'Edit', reactions: ['pencil2'] },
  async run(request, options, services) {
    const { fields, edit: texts } = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(options.target, request, services);
    const { recipe } = picture;
    const short = { multiline: false, required: true };
    const long = { multiline: true, maxLength: MAX_PROMPT_LENGTH };
    return {
      kind: 'form',
      command: 'imagine',
      title: texts.title,
      fields: [
        { name: 'prompt', label: fields.prompt, value: recipe.prompt, required: true, ...long },
        { name: 'negative', label: fields.negative, value: recipe.negative ?? '', required: false, ...long },
        { name: 'size', label: fields.size, value: `${recipe.width}x${recipe.height}`, ...short, maxLength: 11 },
        { name: 'steps', label: fields.steps, value: String(recipe.steps), ...short, maxLength: 3 },
        { name: 'seed', label: fields.seed, value: String(recipe.seed), ...short, required: false, maxLength: 16 },
      ],
      hidden: { from: recipeId(recipe), private: String(job.visibility === 'private') },
    };
  },
});
