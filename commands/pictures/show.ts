import { defineCommand } from '../command.ts';
import { excerpt, recipeFields } from '../describe-recipe.ts';
import type { Picture } from '../job.ts';
import { messagesFor } from '../locale/index.ts';
import { noteLines } from '../picture-note.ts';
import { recipeId } from '../recipe.ts';
import type { ReplyPicture } from '../reply.ts';
import { parseTarget } from '../target-ids.ts';
import { findPicture, findRecipe, targetOption } from '../targets.ts';

/** Everything that made a picture, privately; by reaction it is the "recipe by letter". */
export const show = defineCommand({
  name: 'show',
  description: 'Show a recipe: the prompt, the seed and every option',
  options: { target: targetOption },
  permission: 'everyone',
  onPicture: { label: 'Recipe', reactions: ['envelope'] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const target = options.target === undefined ? null : parseTarget(options.target, request);
    const isRecipe = target?.kind === 'recipe' && target.nth === null;
    const found = isRecipe ? null : await findPicture(options.target, request, services);
    const recipe = found?.picture.recipe ?? (await findRecipe(options.target ?? '', request, services));
    const id = found?.picture.recipeId ?? (isRecipe ? target.id : recipeId(recipe));
    return {
      kind: 'message',
      visibility: 'private',
      title: messages.show.title(id),
      text: [
        ...noteLines(found === null ? [] : [found.picture], messages),
        ...(found?.picture.expired ? [messages.show.expired] : []),
      ].join('\n'),
      fields: recipeFields(recipe, id, messages),
      showsRecipe: true,
      pictures: found === null || found.picture.expired ? [] : [replyPicture(found.picture, found.job.spoiler)],
      buttons: [[{ command: 'reproduce', target: id, label: messages.buttons.reproduce, style: 'primary' }]],
    };
  },
});

/** A picture as a reply shows it: named by its recipe, described by its prompt. */
export function replyPicture(picture: Picture, spoiler: boolean): ReplyPicture {
  return {
    id: picture.id,
    blob: picture.blob,
    name: `${picture.recipeId}.png`,
    alt: excerpt(picture.recipe.prompt, 1000),
    width: picture.width,
    height: picture.height,
    spoiler,
  };
}
