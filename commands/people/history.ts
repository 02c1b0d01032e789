import { defineCommand } from '../command.ts';
import { recipeLine } from '../describe-recipe.ts';
import { pictureIdSchema } from '../ids.ts';
import { messagesFor } from '../locale/index.ts';
import { replyPicture } from '../pictures/show.ts';

const PAGE = 4;

/** The requester's pictures, newest first, a page at a time. */
export const history = defineCommand({
  name: 'history',
  description: 'Show your pictures, newest first',
  options: { target: { type: 'string', maxLength: 60, description: 'Go on after the picture with this id' } },
  permission: 'everyone',
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { guild, user } = request.origin;
    const after = pictureIdSchema.safeParse(options.target);
    // One more than is shown tells whether there is another page.
    const found = await services.pictures.history({
      guild,
      user,
      limit: PAGE + 1,
      ...(after.success ? { before: after.data } : {}),
    });
    const shown = found.slice(0, PAGE);
    const last = shown.at(-1);
    const older = { command: 'history', label: messages.buttons.older, style: 'secondary' } as const;
    return {
      kind: 'message',
      visibility: 'private',
      title: messages.history.title,
      text: shown.length === 0 ? messages.history.empty : '',
      fields: shown.map(({ recipe, recipeId }) => ({ name: recipeId, value: recipeLine(recipe, messages) })),
      pictures: shown.filter(({ expired }) => !expired).map((picture) => replyPicture(picture, false)),
      buttons: found.length > PAGE && last !== undefined ? [[{ ...older, target: last.id }]] : [],
    };
  },
});
