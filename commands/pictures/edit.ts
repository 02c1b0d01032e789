import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { parameters } from '../parameters/index.ts';
import { MAX_PROMPT_LENGTH } from '../parameters/prompts.ts';
import { steps } from '../parameters/steps.ts';
import { MORE } from '../parse-options.ts';
import { escapeSigns } from '../prompt/escapes.ts';
import { typedPrompt } from '../prompted-work.ts';
import type { Recipe } from '../recipe.ts';
import { findPicture, targetOption } from '../targets.ts';

/** A form with the whole recipe filled in: five fields, as Discord allows, of which the last has all that is short. */
export const edit = defineCommand({
  name: 'edit',
  description: 'Change the prompt or the options of a picture and draw it again',
  options: { target: targetOption },
  permission: 'everyone',
  onPicture: { label: 'Edit', reactions: ['pencil2'] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { edit: texts } = messages;
    const { picture, job } = await findPicture(options.target, request, services);
    const { recipe } = picture;
    const short = { multiline: false, required: true };
    const long = { multiline: true, maxLength: MAX_PROMPT_LENGTH };
    return {
      kind: 'form',
      command: 'imagine',
      title: texts.title,
      fields: [
        { name: 'prompt', label: messages.describe('Prompt'), value: typedPrompt(recipe), required: true, ...long },
        ...(recipe.prompt2 === undefined
          ? []
          : [
              {
                name: 'prompt2',
                label: messages.describe('Second prompt'),
                value: escapeSigns(recipe.prompt2),
                required: false,
                ...long,
              },
            ]),
        {
          name: 'negative',
          label: messages.describe('Negative'),
          value: escapeSigns(recipe.negative ?? ''),
          required: false,
          ...long,
        },
        {
          name: 'size',
          label: messages.describe('Size'),
          value: `${recipe.width}x${recipe.height}`,
          ...short,
          maxLength: 11,
        },
        ...(recipe.prompt2 === undefined
          ? [{ name: 'steps', label: messages.describe('Steps'), value: String(recipe.steps), ...short, maxLength: 3 }]
          : []),
        { name: MORE, label: texts.more, value: moreOf(recipe), ...short, required: false, maxLength: 300 },
      ],
      // The prompt names the LoRAs, so that they can be changed and taken away.
      hidden: { from: picture.recipeId, private: String(job.visibility === 'private'), lora: 'none' },
    };
  },
});

/** What has no field of its own, as it is typed after a command. */
function moreOf(recipe: Recipe): string {
  const own: ReadonlySet<unknown> = new Set(recipe.prompt2 === undefined ? [steps] : []);
  return parameters.flatMap((parameter) => (own.has(parameter) ? [] : (parameter.typed?.(recipe) ?? []))).join(' ');
}
