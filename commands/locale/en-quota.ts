import type { QuotaRule } from '../settings.ts';

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });
const plural = (count: number, one: string, many: string): string => `${number(count)} ${count === 1 ? one : many}`;

const units = { pictures: ['picture', 'pictures'], seconds: ['compute second', 'compute seconds'] } as const;

const windows = {
  day: 'a day',
  month: 'a month',
  'rolling-day': 'in any 24 hours',
  'rolling-week': 'in any 7 days',
  'rolling-month': 'in any 30 days',
} as const;

/** What is said of quotas and of the other limits of requests. */
export const enQuota = {
  title: 'Your quota',
  none: 'No quota limits how much you draw here.',
  /** "50 pictures" */
  amount: (value: number, unit: QuotaRule['unit']) => plural(value, units[unit][0], units[unit][1]),
  /** "pictures a day" */
  counted: ({ unit, window }: QuotaRule) => `${units[unit][1]} ${windows[window]}`,
  /** "50 pictures a day" */
  limit: ({ amount, unit, window }: QuotaRule) => `${enQuota.amount(amount, unit)} ${windows[window]}`,
  subject: { everyone: 'each member', role: 'your role', user: 'you', guild: 'all members together' },
  state: (used: number, amount: number) =>
    `${number(used)} of ${number(amount)} used, ${number(Math.max(0, amount - used))} left`,
  resets: (at: Date) => `begins anew at ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  cooldown: (seconds: number) => `${plural(seconds, 'second', 'seconds')} between two requests`,
  concurrent: (count: number) => `At most ${plural(count, 'request', 'requests')} at once.`,
  waitFor: (seconds: number) => `You may ask again in ${plural(seconds, 'second', 'seconds')}.`,
  tooMany: (count: number) =>
    `You have ${plural(count, 'request', 'requests')} that ${count === 1 ? 'is' : 'are'} not finished, and may not have more at once.`,
  exceeded: (needed: string) => `This would take ${needed}, more than is left.`,
};
