import { defineCommand } from '../command.ts';
import type { RoleId, UserId } from '../ids.ts';
import { messagesFor } from '../locale/index.ts';
import type { OptionDefinitions } from '../options.ts';
import { quotaField } from '../people/quota.ts';
import type { Mention } from '../reply.ts';
import { type CommandRequest, UserError } from '../request.ts';
import { type QuotaRule, type QuotaSubject, quotaRuleSchema, quotaUnits, quotaWindows } from '../settings.ts';
import { change, excluding, including, note } from './change.ts';

const subjectOptions = {
  user: { type: 'user', description: 'For this member' },
  role: { type: 'role', description: 'For each member with this role' },
  guild: { type: 'boolean', description: 'For all members together' },
} as const satisfies OptionDefinitions;

const unitOption = { type: 'string', maxLength: 8, choices: quotaUnits, description: 'What is counted' } as const;
const windowOption = { type: 'string', maxLength: 13, choices: quotaWindows, description: 'In which time' } as const;

interface SubjectOptions {
  readonly user: UserId | undefined;
  readonly role: RoleId | undefined;
  readonly guild: boolean | undefined;
}

export const quotaSet = defineCommand({
  name: 'easel-admin quota set',
  description: 'Set how much may be drawn: by each member, or by those named',
  options: {
    amount: { type: 'number', required: true, min: 0, max: 1e9, description: 'At most this many' },
    unit: { ...unitOption, required: true },
    window: { ...windowOption, required: true },
    ...subjectOptions,
  },
  permission: 'admin',
  run(request, { amount, unit, window, ...who }, services) {
    const rule = quotaRuleSchema.parse({ subject: subjectOf(who, request), amount, unit, window });
    return change(
      request,
      services,
      ({ admin }) => admin.actions.quotaSet(rule),
      (settings) => ({ ...settings, quotas: [...settings.quotas.filter((other) => !isSameLimit(other, rule)), rule] }),
      subjectMentions([rule]),
    );
  },
});

export const quotaRemove = defineCommand({
  name: 'easel-admin quota remove',
  description: 'Remove a quota',
  options: { unit: { ...unitOption, required: true }, window: { ...windowOption, required: true }, ...subjectOptions },
  permission: 'admin',
  async run(request, { unit, window, ...who }, services) {
    const wanted = quotaRuleSchema.parse({ subject: subjectOf(who, request), amount: 0, unit, window });
    const { quotas } = await services.settings.of(request.origin.guild);
    const rule = quotas.find((other) => isSameLimit(other, wanted));
    if (rule === undefined) {
      const { admin } = messagesFor(request.actor.locale);
      throw new UserError('not_listed', admin.notListed('quota', admin.ruleOf(wanted)));
    }
    return change(
      request,
      services,
      (messages) => messages.admin.actions.quotaRemoved(rule),
      (settings) => ({ ...settings, quotas: settings.quotas.filter((other) => !isSameLimit(other, rule)) }),
      subjectMentions([rule]),
    );
  },
});

export const quotaShow = defineCommand({
  name: 'easel-admin quota show',
  description: 'Show all quotas, or what a member has used',
  options: { user: { type: 'user', description: 'This member' } },
  permission: 'admin',
  async run(request, { user }, services) {
    const messages = messagesFor(request.actor.locale);
    const { platform, guild } = request.origin;
    const title = messages.admin.settings.quotas;
    if (user === undefined) {
      const { quotas } = await services.settings.of(guild);
      const text = quotas.map(messages.admin.rule).join('\n') || messages.admin.settings.nothing;
      return { kind: 'message', visibility: 'private', title, text, mentions: subjectMentions(quotas) };
    }
    // Roles of another member are not known here: rules for roles show only in their own /quota.
    const states = await services.usage.quotas({ platform, guild, user, roles: [] });
    const fields = states.map((state) => quotaField(state, messages, messages.admin.subjects));
    const text = [user, ...(states.length === 0 ? [messages.admin.settings.nothing] : [])].join(': ');
    return { kind: 'message', visibility: 'private', title, text, fields, mentions: [{ kind: 'user', id: user }] };
  },
});

export const quotaGrant = defineCommand({
  name: 'easel-admin quota grant',
  description: 'Give a member more, once, in every quota that runs now',
  options: {
    user: { type: 'user', required: true, description: 'Who gets it' },
    amount: { type: 'number', required: true, min: 0.1, max: 1e6, description: 'How much more' },
    unit: { ...unitOption, required: true },
  },
  permission: 'admin',
  async run(request, { user, amount, unit }, services) {
    const { unit: counted } = quotaRuleSchema.pick({ unit: true }).parse({ unit });
    const { guild, user: by, event } = request.origin;
    await services.usage.grant({ guild, user, unit: counted, amount, by, event });
    const mentions = [{ kind: 'user', id: user }] as const;
    return note(request, services, ({ admin }) => admin.actions.granted(user, amount, counted), mentions);
  },
});

export const quotaUnlimited = defineCommand({
  name: 'easel-admin quota unlimited',
  description: 'Say whom quotas, cooldown and the limit of requests do not bind',
  options: {
    on: { type: 'boolean', required: true, description: 'on: unlimited; off: bound again' },
    user: subjectOptions.user,
    role: subjectOptions.role,
  },
  permission: 'admin',
  run(request, { on, user, role }, services) {
    const { admin } = messagesFor(request.actor.locale);
    const who = user ?? role;
    if (who === undefined) throw new UserError('who', admin.whoIsMissing);
    const edited = <T extends string>(list: readonly T[], entry: T | undefined): T[] => {
      if (entry === undefined) return [...list];
      return on ? including(list, entry) : excluding(list, entry, 'unlimited', request);
    };
    return change(
      request,
      services,
      (messages) => messages.admin.actions.unlimited([user, role].filter(Boolean).join(', '), on),
      (settings) => ({
        ...settings,
        unlimited: {
          users: edited(settings.unlimited.users, user),
          roles: edited(settings.unlimited.roles, role),
        },
      }),
      [...(user ? [{ kind: 'user', id: user } as const] : []), ...(role ? [{ kind: 'role', id: role } as const] : [])],
    );
  },
});

function subjectOf({ user, role, guild }: SubjectOptions, request: CommandRequest): QuotaSubject {
  const subjects: QuotaSubject[] = [
    ...(user === undefined ? [] : [{ kind: 'user', user } as const]),
    ...(role === undefined ? [] : [{ kind: 'role', role } as const]),
    ...(guild === true ? [{ kind: 'guild' } as const] : []),
  ];
  if (subjects.length > 1) throw new UserError('who', messagesFor(request.actor.locale).admin.oneSubject);
  return subjects[0] ?? { kind: 'everyone' };
}

/** Whom rules name. */
export function subjectMentions(rules: readonly QuotaRule[]): readonly Mention[] {
  return rules.flatMap(({ subject }): readonly Mention[] => {
    if (subject.kind === 'user') return [{ kind: 'user', id: subject.user }];
    return subject.kind === 'role' ? [{ kind: 'role', id: subject.role }] : [];
  });
}

/** One subject has one limit a unit and window: a new one replaces it. */
function isSameLimit(a: QuotaRule, b: QuotaRule): boolean {
  return a.unit === b.unit && a.window === b.window && subjectKey(a.subject) === subjectKey(b.subject);
}

function subjectKey(subject: QuotaSubject): string {
  if (subject.kind === 'user') return `user ${subject.user}`;
  if (subject.kind === 'role') return `role ${subject.role}`;
  return subject.kind;
}
