import { recipeLine } from '../../commands/describe-recipe.ts';
import type { Job, Picture } from '../../commands/job.ts';
import { type Messages, messagesFor } from '../../commands/locale/index.ts';
import { replyPicture } from '../../commands/pictures/show.ts';
import type { Button, MessageReply } from '../../commands/reply.ts';

/** The message that a finished job owes to its requester: the pictures with all that can be done next, or why there are none. */
export function resultMessage(job: Job, pictures: readonly Picture[], locale: string): MessageReply {
  const messages = messagesFor(locale);
  switch (job.status) {
    case 'done':
      return pictures.length === 0
        ? plain(job, messages.deleted.pictures(0), 'neutral')
        : withPictures(job, pictures, messages);
    case 'cancelled':
      return plain(job, messages.cancel.cancelled, 'neutral');
    default:
      return plain(job, job.failure?.message ?? '', 'failure');
  }
}

function withPictures(job: Job, pictures: readonly Picture[], messages: Messages): MessageReply {
  const notes = new Set(pictures.flatMap(({ notes }) => notes));
  const cost = job.measuredSeconds === null ? [] : [messages.work.price(Math.round(job.measuredSeconds * 10) / 10)];
  const line = [recipeLine(job.work.recipe, messages), ...cost].join(' · ');
  return {
    kind: 'message',
    visibility: job.visibility,
    text: [line, ...notes].join('\n'),
    pictures: pictures.map((picture) => replyPicture(picture, job.spoiler)),
    buttons: buttonRows(pictures, messages),
    tone: 'success',
  };
}

/** One picture has all its buttons; of several, each has its own Upscale and Vary, and the rest is for the first. */
function buttonRows(pictures: readonly Picture[], { buttons }: Messages): readonly (readonly Button[])[] {
  const [first] = pictures;
  if (first === undefined) return [];
  const of = (command: string, { id }: Picture, label: string, style: Button['style'] = 'secondary'): Button => ({
    command,
    target: id,
    label,
    style,
  });
  const canRefine = first.handoff !== null && first.recipe.refine === null && first.recipe.upscale === undefined;
  const common = [
    of('again', first, buttons.again),
    of('edit', first, buttons.edit),
    of('delete', first, buttons.delete, 'danger'),
  ];
  if (pictures.length === 1) {
    const own = [
      ...(canRefine ? [of('refine', first, buttons.refine, 'primary')] : []),
      ...(first.recipe.upscale === undefined ? [of('upscale', first, buttons.upscale)] : []),
      of('vary', first, buttons.vary),
    ];
    return [own, common];
  }
  const row = (command: string, label: string, style?: Button['style']) =>
    pictures.map((picture, index) => of(command, picture, `${label} ${index + 1}`, style));
  return [
    ...(canRefine ? [row('refine', buttons.refine, 'primary')] : []),
    row('upscale', buttons.upscale),
    row('vary', buttons.vary),
    common,
  ];
}

function plain(
  job: Job,
  text: string,
  tone: MessageReply['tone'],
  buttons: MessageReply['buttons'] = [],
): MessageReply {
  return { kind: 'message', visibility: job.visibility, text, ...(tone && { tone }), buttons };
}
