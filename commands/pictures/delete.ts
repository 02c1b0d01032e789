import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { findJob, requireOwnerOrAdmin, targetOption } from '../targets.ts';

/** Deletes a request's pictures and its message; a request that is not finished is cancelled. */
export const remove = defineCommand({
  name: 'delete',
  description: 'Delete the pictures of a request, or cancel it',
  options: { target: targetOption },
  permission: 'everyone',
  onPicture: { label: 'Delete', reactions: ['x'] },
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const job = await findJob(options.target, request, services);
    requireOwnerOrAdmin(job, request);
    if (job.status === 'queued' || job.status === 'running') {
      const outcome = await services.jobs.cancel(job);
      if (outcome !== 'finished' && outcome !== 'unknown') {
        return { kind: 'message', visibility: 'private', text: messages.cancel[outcome] };
      }
    }
    const pictures = await services.pictures.ofJob(job.id);
    for (const picture of pictures) await services.pictures.remove(picture.id);
    return { kind: 'deleted', text: messages.deleted.pictures(pictures.length) };
  },
});
