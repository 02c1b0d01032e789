import { defineCommand } from '../command.ts';
import { recipeLine } from '../describe-recipe.ts';
import { messagesFor } from '../locale/index.ts';
import { pictureButtons } from '../picture-buttons.ts';
import { findPicture, requireKept, targetOption } from '../targets.ts';
import { replyPicture } from './show.ts';

/** One picture of several, privately, with all that can be done with it: a message of several has no room for so many buttons. */
export const more = defineCommand({
  name: 'more',
  description: 'Show one picture with all that can be done with it',
  options: { target: targetOption },
  permission: 'everyone',
  onPicture: { label: 'More', reactions: [] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { picture, job } = await findPicture(options.target, request, services);
    requireKept(picture, request);
    return {
      kind: 'message',
      visibility: 'private',
      text: recipeLine(picture.recipe, messages),
      pictures: [replyPicture(picture, job.spoiler)],
      buttons: pictureButtons([picture], messages),
    };
  },
});
