import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { UserError } from '../request.ts';
import { findJob, requestOption } from '../targets.ts';
import { change, excluding, including, note } from './change.ts';

/** Unfinished requests that a member may have at most: see `limit concurrent`. */
const MAX_CANCELLED = 100;

const userOption = { type: 'user', required: true, description: 'The member' } as const;

export const ban = defineCommand({
  name: 'easel-admin ban',
  description: 'Take no more requests of a member, and cancel those that wait',
  options: { user: userOption },
  permission: 'admin',
  async run(request, { user }, services) {
    const reply = await change(
      request,
      services,
      ({ admin }) => admin.actions.banned(user),
      (settings) => ({ ...settings, banned: including(settings.banned, user) }),
      [{ kind: 'user', id: user }],
    );
    const unfinished = await services.jobs.unfinished({ guild: request.origin.guild, user, limit: MAX_CANCELLED });
    const outcomes = await Promise.all(unfinished.map((job) => services.jobs.cancel(job)));
    const cancelled = outcomes.filter((outcome) => outcome === 'cancelled' || outcome === 'stopping').length;
    if (cancelled === 0) return reply;
    const { admin } = messagesFor(request.actor.locale);
    return { ...reply, text: `${reply.text} ${admin.alsoCancelled(cancelled)}` };
  },
});

export const unban = defineCommand({
  name: 'easel-admin unban',
  description: 'Take requests of a banned member again',
  options: { user: userOption },
  permission: 'admin',
  run: (request, { user }, services) =>
    change(
      request,
      services,
      ({ admin }) => admin.actions.unbanned(user),
      (settings) => ({ ...settings, banned: excluding(settings.banned, user, 'banned', request) }),
      [{ kind: 'user', id: user }],
    ),
});

export const cancelJob = defineCommand({
  name: 'easel-admin cancel',
  description: 'Cancel any request of this place',
  options: { target: { ...requestOption, required: true } },
  permission: 'admin',
  async run(request, { target }, services) {
    const { targets, cancel } = messagesFor(request.actor.locale);
    const job = await findJob(target, request, services);
    // One's own request is found wherever it was made; this command ends at the guild.
    if (job.origin.guild !== request.origin.guild) throw new UserError('unknown_target', targets.unknown(target));
    const outcome = await services.jobs.cancel(job);
    if (outcome === 'finished' || outcome === 'unknown') {
      return { kind: 'message', visibility: 'private', text: cancel.finished };
    }
    return note(request, services, ({ admin }) => admin.actions.cancelled(job.id));
  },
});
