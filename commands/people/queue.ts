import { defineCommand } from '../command.ts';
import { excerpt } from '../describe-recipe.ts';
import type { Job } from '../job.ts';
import { messagesFor } from '../locale/index.ts';
import type { CommandRequest } from '../request.ts';

const SHOWN = 15;

/** What waits in this guild, in the order in which it will be drawn. Others' private requests keep their words. */
export const queue = defineCommand({
  name: 'queue',
  description: 'Show what is waiting, and when it will be drawn',
  options: {},
  permission: 'everyone',
  async run(request, _options, services) {
    const messages = messagesFor(request.actor.locale);
    const texts = messages.queue;
    const waiting = await services.jobs.waiting({ guild: request.origin.guild, limit: SHOWN });
    const lines = waiting.map(({ job, place, expectedSeconds }) =>
      texts.line(job.status === 'running' ? null : place, [wording(job), ...remarks(job)].join(' · '), expectedSeconds),
    );
    return {
      kind: 'message',
      visibility: 'private',
      title: texts.title,
      text: lines.length === 0 ? texts.empty : lines.join('\n'),
    };

    function wording(job: Job): string {
      const hidden = job.visibility === 'private' && !isOwn(job, request);
      return hidden ? texts.privateJob : excerpt(job.work.recipe.prompt, 60);
    }

    function remarks(job: Job): string[] {
      return [
        ...(isOwn(job, request) ? [texts.yours] : []),
        ...(job.status === 'running' ? [texts.running] : []),
        // What `/easel-admin cancel` takes.
        ...(request.actor.admin ? [job.id] : []),
      ];
    }
  },
});

function isOwn(job: Job, request: CommandRequest): boolean {
  return job.origin.user === request.origin.user;
}
