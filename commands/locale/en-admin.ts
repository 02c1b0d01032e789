import { z } from 'zod';
import type { QuotaRule } from '../settings.ts';
import { enQuota } from './en-quota.ts';

function subject(rule: QuotaRule['subject']): string {
  switch (rule.kind) {
    case 'everyone':
      return 'each member';
    case 'guild':
      return 'all members together';
    case 'role':
      return `role ${rule.role}`;
    case 'user':
      return `member ${rule.user}`;
    default:
      return rule satisfies never;
  }
}

const { amount, counted, limit } = enQuota;

/** Of what a list of the settings has entries, as they are named in it. */
const kinds = {
  channel: 'channel',
  model: 'model',
  lora: 'LoRA',
  style: 'style',
  blocked: 'word',
  banned: 'ban',
  quota: 'quota',
  unlimited: 'exception',
} as const;
export type ListKind = keyof typeof kinds;

/** What admins read. The lines under `actions` are also the audit log's, in English. */
export const enAdmin = {
  rule: (rule: QuotaRule) => `${subject(rule.subject)}: ${limit(rule)}`,
  /** A rule but for its amount. */
  ruleOf: (rule: QuotaRule) => `${subject(rule.subject)}: ${counted(rule)}`,
  /** Whom a rule binds, to an admin who looks at a member's. */
  subjects: { ...enQuota.subject, role: 'their role', user: 'this member' },
  actions: {
    quotaSet: (rule: QuotaRule) => `Quota set: ${enAdmin.rule(rule)}.`,
    quotaRemoved: (rule: QuotaRule) => `Quota removed: ${enAdmin.rule(rule)}.`,
    granted: (user: string, value: number, unit: QuotaRule['unit']) =>
      `Granted ${amount(value, unit)} to member ${user}.`,
    unlimited: (who: string, on: boolean) => `Quotas ${on ? 'no longer bind' : 'bind'} ${who}.`,
    cooldown: (seconds: number) =>
      seconds === 0 ? 'Cooldown: none.' : `Cooldown: ${enQuota.cooldown(seconds)} of a member.`,
    concurrent: (count: number | null) => `Requests at once: ${count ?? 'any number'} for each member.`,
    pixels: (size: string | null) => `Largest picture: ${size ?? 'whatever the model can do'}.`,
    steps: (steps: number | null) => `Most steps: ${steps ?? 'any number'}.`,
    allowed: (kind: ListKind, name: string, on: boolean) =>
      `The ${kinds[kind]} ${name} is ${on ? 'allowed' : 'no longer allowed'}.`,
    denied: (channel: string, on: boolean) =>
      `Easel ${on ? 'does not draw' : 'draws again'} in the channel ${channel}.`,
    allAllowed: (kind: ListKind) => `Every ${kinds[kind]} is allowed.`,
    defaults: 'The default recipe was changed.',
    blocked: (entry: string) => `Blocked in prompts: "${entry}".`,
    unblocked: (entry: string) => `No longer blocked in prompts: "${entry}".`,
    adult: {
      'age-restricted': 'Adult prompts are drawn only in age-restricted channels.',
      never: 'Adult prompts are never drawn.',
    },
    spoiler: {
      off: 'Pictures are never hidden until clicked.',
      'age-restricted': 'Pictures in age-restricted channels are hidden until clicked.',
      always: 'Every picture is hidden until clicked.',
    },
    flagged: {
      spoiler: "Pictures that the operator's check flags are hidden until clicked, unless it refuses them.",
      refuse: "Pictures that the operator's check flags are refused.",
    },
    keep: (days: number | null) =>
      days === null
        ? 'Pictures and requests are kept as long as the operator keeps them.'
        : `Pictures and requests are deleted after ${days} ${days === 1 ? 'day' : 'days'}.`,
    banned: (user: string) => `Member ${user} may not draw any more.`,
    unbanned: (user: string) => `Member ${user} may draw again.`,
    paused: 'Paused: no new requests are taken.',
    resumed: 'Resumed: requests are taken again.',
    cancelled: (job: string) => `Request ${job} was cancelled.`,
    style: (name: string) => `The style ${name} was saved.`,
    stylesImported: (names: readonly string[]) =>
      `${names.length} ${names.length === 1 ? 'style was' : 'styles were'} saved: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`,
    styleRemoved: (name: string) => `The style ${name} was removed.`,
    reaction: (name: string, command: string | null) =>
      command === null ? `The reaction ${name} does nothing.` : `The reaction ${name} means /${command}.`,
    imported: 'The settings were imported from a file.',
  },
  notListed: (kind: ListKind, name: string) => `There is no such ${kinds[kind]} in the list: ${name}.`,
  alsoCancelled: (count: number) =>
    count === 1 ? 'An unfinished request was cancelled.' : `${count} unfinished requests were cancelled.`,
  styleName: (given: string) => `name: "${given}" is not possible; it takes lower-case letters, digits and hyphens.`,
  bundledStyle: (name: string) =>
    `The style ${name} comes with Easel; /easel-admin allow style says which may be used here.`,
  whoIsMissing: 'Name a member or a role.',
  oneSubject: 'Name a member, a role or the whole guild, not several of them.',
  reactionCommand: (given: string, known: readonly string[]) =>
    `command: "${given}" works on no picture; there are: ${known.join(', ')} and none.`,
  settings: {
    title: 'Settings',
    quotas: 'Quotas',
    unlimited: 'Unlimited',
    limits: 'Limits',
    allowed: 'Allowed',
    allowedChannels: 'Channels',
    deniedChannels: 'Channels without Easel',
    allowedModels: 'Models',
    allowedLoras: 'LoRAs',
    allowedStyles: 'Styles',
    defaults: 'Default recipe',
    blocked: 'Blocked in prompts',
    styles: 'Own styles',
    adult: 'Adult prompts',
    spoiler: 'Hidden until clicked',
    flagged: 'Flagged pictures',
    kept: 'Kept',
    banned: 'Banned',
    reactions: 'Reactions',
    nothing: 'none',
    all: 'all',
  },
  block: {
    title: 'Blocked in prompts',
    empty: 'Nothing is blocked.',
    matches: (entry: string) => `This prompt would be refused: it contains "${entry}".`,
    free: 'This prompt would be accepted.',
  },
  usage: {
    title: (days: number) => (days === 1 ? 'Usage of today' : `Usage of the last ${days} days`),
    empty: 'Nothing was drawn.',
    chart: 'Compute seconds a day',
    total: (pictures: number, seconds: number) =>
      `In all: ${amount(pictures, 'pictures')}, ${amount(Math.round(seconds), 'seconds')}.`,
    row: (user: string, pictures: number, seconds: number) =>
      `${user}: ${amount(pictures, 'pictures')}, ${amount(Math.round(seconds), 'seconds')}`,
    others: (count: number) => `and ${count} more`,
  },
  audit: { title: 'What admins did', empty: 'Nothing was changed yet.' },
  file: {
    exported: 'The settings of this place, for /easel-admin import.',
    unreadable: (problem: string) => `This file holds no settings: ${problem}.`,
    noStyles: (problem: string) => `This file cannot be read as styles: ${problem}.`,
    tooManyStyles: (count: number, most: number) => `That would be ${count} styles; there is room for ${most}.`,
    tooLarge: 'This file is too large for settings.',
    notJson: 'it is not JSON',
    tooMuch: 'it is longer than any list of styles',
    notText: 'it is not UTF-8 text',
    otherVersion: (given: string, known: number) =>
      `it is of version ${given}, and this Easel reads version ${known}; export it anew`,
    noList: 'it is no list of objects with name, prompt and negative_prompt',
    firstLine: 'its first line is not name,prompt,negative_prompt',
    empty: 'it has none',
    whole: 'the document',
    /** What zod finds wrong with a value. */
    faults: z.locales.en().localeError,
  },
};
