import { defineCommand } from '../command.ts';
import { excerpt } from '../describe-recipe.ts';
import type { Job } from '../job.ts';
import { messagesFor } from '../locale/index.ts';
import { isOwn, maySee } from '../sight.ts';

const SHOWN = 15;

/** What waits in this guild, in the order in which it will be drawn. What was asked elsewhere or privately keeps its words. */
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
      return maySee(job, request) ? excerpt(job.work.recipe.prompt, 60) : texts.privateJob;
    }

    function remarks(job: Job): string[] {
      return [
        ...(isOwn(job, request) ? [texts.yours] : []),
        ...(job.status === 'running' ? [texts.running] : []),
        // What `/cancel` and `/easel-admin cancel` take.
        ...(request.actor.admin || isOwn(job, request) ? [job.id] : []),
      ];
    }
  },
});
