import { excerpt, recipeLine } from '../../commands/describe-recipe.ts';
import { failureText } from '../../commands/failure.ts';
import type { Job, JobFailure, Picture } from '../../commands/job.ts';
import { type Messages, messagesFor } from '../../commands/locale/index.ts';
import { pictureButtons } from '../../commands/picture-buttons.ts';
import { noteLines } from '../../commands/picture-note.ts';
import { replyPicture } from '../../commands/pictures/show.ts';
import { formatLoraTags } from '../../commands/prompt/lora-tags.ts';
import type { MessageReply } from '../../commands/reply.ts';
import { requestIdOf } from '../../commands/request.ts';

/** The message that a finished job owes to its requester: the pictures with all that can be done next, or why there are none. */
export function resultMessage(job: Job, pictures: readonly Picture[], locale: string): MessageReply {
  const messages = messagesFor(locale);
  switch (job.status) {
    case 'done':
      if (job.failure !== null) return undelivered(job, job.failure, pictures, messages);
      return pictures.length === 0
        ? plain(job, messages.deleted.already, 'neutral', messages)
        : withPictures(job, pictures, messages);
    case 'cancelled':
      return plain(job, messages.cancel.cancelled, 'neutral', messages);
    default:
      return plain(job, job.failure === null ? '' : failureText(job.failure, messages), 'failure', messages);
  }
}

function withPictures(job: Job, pictures: readonly Picture[], messages: Messages): MessageReply {
  const notes = noteLines(pictures, messages);
  const cost = job.measuredSeconds === null ? [] : [messages.work.price(job.measuredSeconds)];
  const line = [recipeLine(job.work.recipe, messages), ...cost].join(' · ');
  return {
    kind: 'message',
    visibility: job.visibility,
    text: [line, ...promptLines(pictures), ...notes].join('\n'),
    pictures: pictures.map((picture) => replyPicture(picture, job.spoiler)),
    buttons: pictureButtons(pictures, messages),
    tone: 'success',
  };
}

/** The pictures are there, only not here: what can be done with them all the same. */
function undelivered(job: Job, failure: JobFailure, pictures: readonly Picture[], messages: Messages): MessageReply {
  const words = plain(job, failureText(failure, messages), 'failure', messages);
  return pictures.length === 0 ? words : { ...words, buttons: pictureButtons(pictures, messages) };
}

/** Which picture was drawn from which prompt, where they differ. */
function promptLines(pictures: readonly Picture[]): readonly string[] {
  const prompts = pictures.map(({ recipe }) => `${excerpt(recipe.prompt, 150)} ${formatLoraTags(recipe.loras)}`.trim());
  return new Set(prompts).size <= 1 ? [] : prompts.map((prompt, index) => `${index + 1}. ${prompt}`);
}

/** Why there are no pictures, and of what: others read it too, and whoever asked may have asked for more. */
function plain(
  { work, visibility, origin }: Job,
  reason: string,
  tone: NonNullable<MessageReply['tone']>,
  messages: Messages,
): MessageReply {
  // Of a person who has been forgotten nothing is known any more.
  const what = work.recipe.prompt === '' ? [] : [recipeLine(work.recipe, messages)];
  const reference = tone === 'failure' ? [messages.reference(requestIdOf(origin))] : [];
  return { kind: 'message', visibility, text: [reason, ...what, ...reference].join('\n'), tone };
}
