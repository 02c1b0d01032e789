import type { QuotaRule } from '../settings.ts';

const windows: Readonly<Record<QuotaRule['window'], string>> = {
  day: 'a day',
  month: 'a month',
  'rolling-day': 'in any 24 hours',
  'rolling-week': 'in any 7 days',
  'rolling-month': 'in any 30 days',
};

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

const amount = (value: number, unit: QuotaRule['unit']): string =>
  `${value.toLocaleString('en')} ${unit === 'pictures' ? 'pictures' : 'compute seconds'}`;

/** What admins read. The lines under `actions` are also the audit log's, in English. */
export const enAdmin = {
  rule: (rule: QuotaRule) => `${subject(rule.subject)}: ${amount(rule.amount, rule.unit)} ${windows[rule.window]}`,
  actions: {
    quotaSet: (rule: QuotaRule) => `Quota set: ${enAdmin.rule(rule)}.`,
    quotaRemoved: (rule: QuotaRule) => `Quota removed: ${enAdmin.rule(rule)}.`,
    granted: (user: string, value: number, unit: QuotaRule['unit']) =>
      `Granted ${amount(value, unit)} to member ${user}.`,
    unlimited: (who: string, on: boolean) => `Quotas ${on ? 'no longer bind' : 'bind'} ${who}.`,
    cooldown: (seconds: number) => `Cooldown: ${seconds} seconds between two requests of a member.`,
    concurrent: (count: number | null) => `Requests at once: ${count ?? 'any number'} for each member.`,
    pixels: (size: string | null) => `Largest picture: ${size ?? 'whatever the model can do'}.`,
    steps: (steps: number | null) => `Most steps: ${steps ?? 'any number'}.`,
    allowed: (what: string, name: string, on: boolean) =>
      `The ${what} ${name} is ${on ? 'allowed' : 'no longer allowed'}.`,
    allAllowed: (what: string) => `Every ${what} is allowed.`,
    defaults: 'The default recipe was changed.',
    blocked: (entry: string) => `Blocked in prompts: "${entry}".`,
    unblocked: (entry: string) => `No longer blocked in prompts: "${entry}".`,
    adult: { 'age-restricted': 'Adult prompts: only in age-restricted channels.', never: 'Adult prompts: never.' },
    spoiler: {
      off: 'Pictures are never hidden until clicked.',
      'age-restricted': 'Pictures in age-restricted channels are hidden until clicked.',
      always: 'Every picture is hidden until clicked.',
    },
    flagged: {
      spoiler: "Pictures that the operator's check flags are hidden until clicked, unless it refuses them.",
      refuse: "Pictures that the operator's check flags are refused.",
    },
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
  notListed: (what: string, name: string) => `There is no such ${what} in the list: ${name}.`,
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
    allowedModels: 'Models',
    allowedLoras: 'LoRAs',
    allowedStyles: 'Styles',
    defaults: 'Default recipe',
    blocked: 'Blocked in prompts',
    styles: 'Own styles',
    adult: 'Adult prompts',
    spoiler: 'Hidden until clicked',
    flagged: 'Flagged pictures',
    banned: 'Banned',
    reactions: 'Reactions',
    nothing: 'nothing',
    all: 'all',
  },
  block: {
    title: 'Blocked in prompts',
    empty: 'Nothing is blocked.',
    matches: (entry: string) => `This prompt would be refused: it contains "${entry}".`,
    free: 'This prompt would be accepted.',
  },
  usage: {
    title: (days: number) => `Usage of the last ${days} days`,
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
    exported: 'The settings of this guild, for /easel-admin import.',
    unreadable: (problem: string) => `This file holds no settings: ${problem}.`,
    noStyles: (problem: string) => `This file cannot be read as styles: ${problem}.`,
    tooManyStyles: (count: number, most: number) => `That would be ${count} styles; there is room for ${most}.`,
    tooLarge: 'This file is too large for settings.',
  },
};
