import { defineCommand } from '../command.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import type { Field } from '../reply.ts';
import type { QuotaState } from '../services.ts';
import type { GuildSettings } from '../settings.ts';
import { bindingSettings } from '../submit.ts';

/** What the requester may still draw, rule by rule. */
export const quota = defineCommand({
  name: 'quota',
  description: 'Show how much you may still draw',
  options: {},
  permission: 'everyone',
  async run(request, _options, services) {
    const messages = messagesFor(request.actor.locale);
    const { platform, guild, user } = request.origin;
    const [settings, states] = await Promise.all([
      bindingSettings(request, services),
      services.usage.quotas({ platform, guild, user, roles: request.actor.roles }),
    ]);
    const limits = limitLines(settings, messages);
    const text = states.length === 0 ? [messages.quota.none, ...limits] : limits;
    return {
      kind: 'message',
      visibility: 'private',
      title: messages.quota.title,
      text: text.join('\n'),
      fields: states.map((state) => quotaField(state, messages, messages.quota.subject)),
    };
  },
});

/** One rule with what is used and left of it. `subjects`: what whoever reads it calls those that it binds. */
export function quotaField(
  { rule, used, resetsAt }: QuotaState,
  { quota: texts }: Messages,
  subjects: Messages['quota']['subject'],
): Field {
  return {
    name: `${texts.limit(rule)} (${subjects[rule.subject.kind]})`,
    value: [texts.state(used, rule.amount), ...(resetsAt === null ? [] : [texts.resets(resetsAt)])].join(', '),
  };
}

function limitLines(settings: GuildSettings, { quota: texts }: Messages): string[] {
  return [
    ...(settings.cooldownSeconds === 0 ? [] : [`${texts.cooldown(settings.cooldownSeconds)}.`]),
    ...(settings.concurrentJobs === null ? [] : [texts.concurrent(settings.concurrentJobs)]),
  ];
}
