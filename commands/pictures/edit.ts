import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { MORE } from '../parse-options.ts';
import { escapeSigns } from '../prompt/escapes.ts';
import { typedPrompt } from '../prompted-work.ts';
import { MAX_PROMPT_LENGTH, type Recipe, recipeId } from '../recipe.ts';
import { findPicture, targetOption } from '../targets.ts';

/** A form with the whole recipe filled in: five fields, as Discord allows, of which the last has all that is short. */
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
        { name: 'prompt', label: fields.prompt, value: typedPrompt(recipe), required: true, ...long },
        ...(recipe.prompt2 === undefined
          ? []
          : [{ name: 'prompt2', label: fields.prompt2, value: escapeSigns(recipe.prompt2), required: false, ...long }]),
        {
          name: 'negative',
          label: fields.negative,
          value: escapeSigns(recipe.negative ?? ''),
          required: false,
          ...long,
        },
        { name: 'size', label: fields.size, value: `${recipe.width}x${recipe.height}`, ...short, maxLength: 11 },
        ...(recipe.prompt2 === undefined
          ? [{ name: 'steps', label: fields.steps, value: String(recipe.steps), ...short, maxLength: 3 }]
          : []),
        { name: MORE, label: texts.more, value: moreOf(recipe), ...short, required: false, maxLength: 300 },
      ],
      // The prompt names the LoRAs, so that they can be changed and taken away.
      hidden: { from: recipeId(recipe), private: String(job.visibility === 'private'), lora: 'none' },
    };
  },
});

/** What has no field of its own, as it is typed after a command. */
function moreOf({ prompt2, steps, seed, guidance, guidanceRescale, sampler, refine, model, init }: Recipe): string {
  return [
    ...(prompt2 === undefined ? [] : [`--steps ${steps}`]),
    `--seed ${seed} --guidance ${guidance} --sampler ${sampler} --refine ${refine ?? 'off'} --model ${quoted(model.name)}`,
    ...(guidanceRescale === 0 ? [] : [`--guidance-rescale ${guidanceRescale}`]),
    ...(init === undefined ? [] : [`--strength ${init.strength}`]),
  ].join(' ');
}

function quoted(name: string): string {
  return /\s|["']/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name;
}
