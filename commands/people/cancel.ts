import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { type CommandRequest, UserError } from '../request.ts';
import type { Services } from '../services.ts';
import { findJob, requestOption, requireOwnerOrAdmin } from '../targets.ts';

/** Stops a request that is not finished: the one that is named, else the requester's newest. */
export const cancel = defineCommand({
  name: 'cancel',
  description: 'Cancel a request; without an id, your newest one',
  options: { target: requestOption },
  permission: 'everyone',
  async run(request, options, services) {
    const { cancel: texts } = messagesFor(request.actor.locale);
    const job =
      options.target === undefined && request.message === undefined
        ? await newestOwn(request, services)
        : await findJob(options.target, request, services);
    requireOwnerOrAdmin(job, request);
    const outcome = await services.jobs.cancel(job);
    return { kind: 'message', visibility: 'private', text: texts[outcome === 'unknown' ? 'finished' : outcome] };
  },
});

async function newestOwn(request: CommandRequest, services: Services) {
  const [newest] = await services.jobs.unfinished({ ...request.origin, limit: 1 });
  if (newest === undefined) throw new UserError('nothing', messagesFor(request.actor.locale).cancel.nothing);
  return newest;
}
