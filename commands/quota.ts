import type { RoleId, UserId } from './ids.ts';
import type { Messages } from './locale/index.ts';
import { UserError } from './request.ts';
import type { QuotaState } from './services.ts';
import type { GuildSettings, QuotaRule, QuotaUnit, QuotaWindow } from './settings.ts';

export interface Member {
  readonly user: UserId;
  readonly roles: readonly RoleId[];
}

/** What a member has used when they ask for more. */
export interface MemberUsage {
  /** Of the rules that `bindingRules` gives. */
  readonly quotas: readonly QuotaState[];
  /** Requests that are queued or being drawn. */
  readonly unfinished: number;
  readonly lastRequestAt: Date | null;
}

/** What a request would use. */
export type Price = Readonly<Record<QuotaUnit, number>>;

export type Refusal =
  | { readonly kind: 'quota'; readonly state: QuotaState; readonly needed: number }
  | { readonly kind: 'cooldown'; readonly seconds: number }
  | { readonly kind: 'concurrent'; readonly limit: number };

/** Why a request is refused, or null where it is granted. */
export function decide(
  settings: GuildSettings,
  member: Member,
  usage: MemberUsage,
  price: Price,
  now: Date,
): Refusal | null {
  if (isUnlimited(settings, member)) return null;
  if (usage.lastRequestAt !== null) {
    const sinceLast = (now.getTime() - usage.lastRequestAt.getTime()) / 1000;
    const seconds = Math.ceil(settings.cooldownSeconds - sinceLast);
    if (seconds > 0) return { kind: 'cooldown', seconds };
  }
  if (settings.concurrentJobs !== null && usage.unfinished >= settings.concurrentJobs) {
    return { kind: 'concurrent', limit: settings.concurrentJobs };
  }
  const state = usage.quotas.find(({ rule, used }) => used + price[rule.unit] > rule.amount);
  return state === undefined ? null : { kind: 'quota', state, needed: price[state.rule.unit] };
}

/** One line for the person who was refused. */
export function refusalError(refusal: Refusal, { quota: texts }: Messages): UserError {
  switch (refusal.kind) {
    case 'cooldown':
      return new UserError('cooldown', texts.waitFor(refusal.seconds));
    case 'concurrent':
      return new UserError('too_many_jobs', texts.tooMany(refusal.limit));
    case 'quota': {
      const { rule, used, resetsAt } = refusal.state;
      const name = `${texts.limit(rule)} (${texts.subject[rule.subject.kind]})`;
      const state = [texts.state(used, rule.amount), ...(resetsAt === null ? [] : [texts.resets(resetsAt)])];
      const needed = texts.exceeded(texts.amount(refusal.needed, rule.unit));
      return new UserError('quota', `${needed} ${name}: ${state.join(', ')}.`);
    }
    default:
      return refusal satisfies never;
  }
}

/**
 * The rules that bind a member: for each unit and window the one for the user, else the most generous of those for the
 * user's roles, else the one for everyone; and beside them the guild's. None where the member is unlimited.
 */
export function bindingRules(settings: GuildSettings, member: Member): readonly QuotaRule[] {
  if (isUnlimited(settings, member)) return [];
  const limits = new Map<string, QuotaRule>();
  for (const rule of settings.quotas) {
    const rank = rankOf(rule, member);
    if (rank === 0) continue;
    const scope = rule.subject.kind === 'guild' ? 'guild' : 'member';
    const key = `${scope} ${rule.unit} ${rule.window}`;
    const known = limits.get(key);
    const knownRank = known === undefined ? 0 : rankOf(known, member);
    const replaces = rank > knownRank || (rank === knownRank && rule.amount > (known?.amount ?? 0));
    if (replaces) limits.set(key, rule);
  }
  return [...limits.values()];
}

/** How closely a rule names this member; 0: not at all. */
function rankOf({ subject }: QuotaRule, member: Member): 0 | 1 | 2 | 3 {
  switch (subject.kind) {
    case 'guild':
    case 'everyone':
      return 1;
    case 'role':
      return member.roles.includes(subject.role) ? 2 : 0;
    case 'user':
      return member.user === subject.user ? 3 : 0;
    default:
      return subject satisfies never;
  }
}

function isUnlimited({ unlimited }: GuildSettings, { user, roles }: Member): boolean {
  return unlimited.users.includes(user) || unlimited.roles.some((role) => roles.includes(role));
}

const HOUR = 3_600_000;
const rollingHours = { 'rolling-day': 24, 'rolling-week': 7 * 24, 'rolling-month': 30 * 24 } as const;

/** The window that contains `now`: when it began, and when it begins anew (null: it rolls). */
export function windowAt(window: QuotaWindow, now: Date): { readonly from: Date; readonly resetsAt: Date | null } {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  switch (window) {
    case 'day':
      return { from: new Date(Date.UTC(year, month, day)), resetsAt: new Date(Date.UTC(year, month, day + 1)) };
    case 'month':
      return { from: new Date(Date.UTC(year, month)), resetsAt: new Date(Date.UTC(year, month + 1)) };
    default:
      return { from: new Date(now.getTime() - rollingHours[window] * HOUR), resetsAt: null };
  }
}
