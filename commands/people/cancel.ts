import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { type CommandRequest, UserError } from '../request.ts';
import type { Services } from '../services.ts';
import { findJob, requireOwnerOrAdmin, targetOption } from '../targets.ts';

/** Stops a request that is not finished: the one that is named, else the requester's newest. */
export const cancel = defineCommand({
  name: 'cancel',
  description: 'Cancel a request; without an id, your newest one',
  options: { target: targetOption },
  permission: 'everyone',
  async run(request, options, services) {
    const { cancel: texts } = messagesFor(request.actor.locale);
    const job =
      options.target === undefined && request.message === undefined
        ? await newestOwn(request, services)
        : await findJob(options.target, request, services);
    requireOwnerOrAdmin(job, request);
    const outcome = await services.jobs.cancel(job.id);
    return { kind: 'message', visibility: 'private', text: texts[outcome === 'unknown' ? 'finished' : outcome] };
  },
});

async function newestOwn(request: CommandRequest, services: Services) {
  const { guild, user } = request.origin;
  const waiting = await services.jobs.waiting({ guild, user, limit: 100 });
  // Ids are UUIDs of version 7: they sort by the time of their making.
  const newest = waiting.map(({ job }) => job).sort((a, b) => (a.id < b.id ? 1 : -1))[0];
  if (newest === undefined) throw new UserError('nothing', messagesFor(request.actor.locale).cancel.nothing);
  return newest;
}
