import { defineCommand } from '../command.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import { defaultFields } from '../people/preferences.ts';
import type { Field } from '../reply.ts';
import type { GuildSettings } from '../settings.ts';
import { subjectMentions } from './quota.ts';

export const showSettings = defineCommand({
  name: 'easel-admin settings',
  description: 'Show every rule of this place',
  options: {},
  permission: 'admin',
  async run(request, _options, services) {
    const messages = messagesFor(request.actor.locale);
    const settings = await services.settings.of(request.origin.guild);
    return {
      kind: 'message',
      visibility: 'private',
      title: messages.admin.settings.title,
      text: settings.paused ? messages.admin.actions.paused : '',
      fields: settingsFields(settings, messages),
      mentions: [
        ...subjectMentions(settings.quotas),
        ...[...settings.unlimited.users, ...settings.banned].map((id) => ({ kind: 'user', id }) as const),
        ...settings.unlimited.roles.map((id) => ({ kind: 'role', id }) as const),
        ...[...(settings.allowedChannels ?? []), ...settings.deniedChannels].map(
          (id) => ({ kind: 'channel', id }) as const,
        ),
      ],
    };
  },
});

function settingsFields(settings: GuildSettings, messages: Messages): readonly Field[] {
  const { admin } = messages;
  const names = admin.settings;
  const { actions } = admin;
  const list = (entries: readonly string[] | null, empty: string): string => entries?.join(', ') || empty;
  const side = settings.maxPixels === null ? null : `${settings.maxPixels} px`;
  return [
    { name: names.quotas, value: settings.quotas.map(admin.rule).join('\n') || names.nothing },
    { name: names.unlimited, value: list([...settings.unlimited.users, ...settings.unlimited.roles], names.nothing) },
    {
      name: names.limits,
      value: [
        actions.cooldown(settings.cooldownSeconds),
        actions.concurrent(settings.concurrentJobs),
        actions.pixels(side),
        actions.steps(settings.maxSteps),
      ].join('\n'),
    },
    {
      name: names.allowed,
      value: (['allowedChannels', 'allowedModels', 'allowedLoras', 'allowedStyles'] as const)
        .map((key) => `${names[key]}: ${list(settings[key], names.all)}`)
        .join('\n'),
    },
    { name: names.deniedChannels, value: list(settings.deniedChannels, names.nothing) },
    {
      name: names.defaults,
      value:
        defaultFields(settings.defaults, messages)
          .map(({ name, value }) => `${name}: ${value}`)
          .join('\n') || names.nothing,
    },
    { name: names.blocked, value: list(settings.blocked, names.nothing) },
    {
      name: names.styles,
      value: list(
        settings.styles.map(({ name }) => name),
        names.nothing,
      ),
    },
    { name: names.adult, value: actions.adult[settings.adult] },
    { name: names.spoiler, value: actions.spoiler[settings.spoiler] },
    { name: names.flagged, value: actions.flagged[settings.flagged] },
    { name: names.kept, value: actions.keep(settings.keepDays) },
    { name: names.banned, value: list(settings.banned, names.nothing) },
    {
      name: names.reactions,
      value:
        Object.entries(settings.reactions)
          .map(([reaction, command]) => actions.reaction(reaction, command))
          .join('\n') || names.nothing,
    },
  ];
}
