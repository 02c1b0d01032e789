import { defineCommand } from '../command.ts';
import { recipeLine } from '../describe-recipe.ts';
import { type PictureId, pictureId } from '../ids.ts';
import { messagesFor } from '../locale/index.ts';
import { replyPicture } from '../pictures/show.ts';
import type { CommandRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { parseTarget } from '../target-ids.ts';
import { findPicture, targetOption } from '../targets.ts';

const PAGE = 4;

/** The requester's pictures, newest first, a page at a time. */
export const history = defineCommand({
  name: 'history',
  description: 'Show your pictures, newest first',
  options: { target: { ...targetOption, description: 'Go on after the picture with this id' } },
  permission: 'everyone',
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { guild, user } = request.origin;
    const before = options.target === undefined ? null : await placeOf(options.target, request, services);
    // One more than is shown tells whether there is another page.
    const found = await services.pictures.history({
      guild,
      user,
      limit: PAGE + 1,
      ...(before === null ? {} : { before }),
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

/** Where a page ends. A picture or a request need not be there any more: its id says when it was. */
async function placeOf(given: string, request: CommandRequest, services: Services): Promise<PictureId> {
  const target = parseTarget(given, request);
  if (target.kind === 'picture') return target.id;
  if (target.kind === 'job') return pictureId(target.id, 0);
  return (await findPicture(given, request, services)).picture.id;
}
