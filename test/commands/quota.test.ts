import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roleIdSchema, userIdSchema } from '../../commands/ids.ts';
import { messagesFor } from '../../commands/locale/index.ts';
import { bindingRules, decide, type MemberUsage, refusalError, windowAt } from '../../commands/quota.ts';
import {
  defaultSettings,
  type GuildSettings,
  type QuotaRule,
  quotaRuleSchema,
  quotaUnits,
  quotaWindows,
} from '../../commands/settings.ts';

const now = new Date('2026-11-24T12:34:56Z');
const ada = { user: userIdSchema.parse('ada'), roles: [] };
const unused: MemberUsage = { quotas: [], unfinished: 0, lastRequestAt: null };
const price = { pictures: 2, seconds: 10 };

const settings = (changes: Partial<GuildSettings>): GuildSettings => ({ ...defaultSettings, ...changes });
const rule = (subject: unknown, amount: number, unit = 'pictures', window = 'day'): QuotaRule =>
  quotaRuleSchema.parse({ subject, unit, window, amount });
const everyone = { kind: 'everyone' };
const role = (name: string) => ({ kind: 'role', role: name });

describe('the rules that bind a member', () => {
  const rules = [rule(everyone, 1), rule(role('a'), 2), rule(role('b'), 3), rule({ kind: 'user', user: 'ada' }, 0)];
  const amountsFor = (user: string, roles: string[], quotas = rules) =>
    bindingRules(settings({ quotas }), {
      user: userIdSchema.parse(user),
      roles: roles.map((id) => roleIdSchema.parse(id)),
    })
      .map(({ amount }) => amount)
      .sort();

  it('are those that name the member most closely, in whatever order they stand', () => {
    for (const quotas of [rules, [...rules].reverse()]) {
      expect(amountsFor('eve', [], quotas)).toEqual([1]);
      expect(amountsFor('eve', ['a'], quotas)).toEqual([2]);
      expect(amountsFor('eve', ['b', 'a'], quotas)).toEqual([3]);
      expect(amountsFor('ada', ['b'], quotas)).toEqual([0]);
    }
  });

  it('let a role have less than everyone', () => {
    expect(amountsFor('eve', ['new'], [rule(everyone, 50), rule(role('new'), 5)])).toEqual([5]);
  });

  it('are one for each unit and window', () => {
    const quotas = [rule(everyone, 1), rule(everyone, 2, 'seconds'), rule(everyone, 3, 'pictures', 'month')];
    expect(amountsFor('eve', [], [...quotas, rule(role('a'), 9, 'seconds')])).toEqual([1, 2, 3]);
    expect(amountsFor('eve', ['a'], [...quotas, rule(role('a'), 9, 'seconds')])).toEqual([1, 3, 9]);
  });

  it('have the guild’s beside them', () => {
    const quotas = [rule({ kind: 'guild' }, 100), rule(everyone, 1), rule({ kind: 'user', user: 'ada' }, 7)];
    expect(amountsFor('eve', [], quotas)).toEqual([1, 100]);
    expect(amountsFor('ada', [], quotas)).toEqual([100, 7]);
  });

  it('are none for the unlimited', () => {
    const quotas = [rule(everyone, 1), rule({ kind: 'guild' }, 1)];
    const vip = roleIdSchema.parse('vip');
    expect(bindingRules(settings({ quotas, unlimited: { users: [ada.user], roles: [] } }), ada)).toEqual([]);
    const member = { ...ada, roles: [vip] };
    expect(bindingRules(settings({ quotas, unlimited: { users: [], roles: [vip] } }), member)).toEqual([]);
  });
});

describe('a decision', () => {
  const used = (amount: number, of: number, unit = 'pictures') => ({
    rule: rule(everyone, of, unit),
    used: amount,
    resetsAt: new Date('2026-11-25T00:00:00Z'),
  });

  it('grants what just fits, and refuses what does not', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 4 }), (amount, of, pictures) => {
        const usage = { ...unused, quotas: [used(amount, of)] };
        const refusal = decide(settings({}), ada, usage, { pictures, seconds: 1 }, now);
        expect(refusal === null).toBe(amount + pictures <= of);
      }),
    );
  });

  it('looks at every rule, each in its own unit', () => {
    const both = (pictures: number, seconds: number) =>
      decide(settings({}), ada, { ...unused, quotas: [used(0, pictures), used(0, seconds, 'seconds')] }, price, now);
    expect(both(2, 10)).toBeNull();
    expect(both(1, 10)).toMatchObject({ kind: 'quota', needed: 2 });
    expect(both(2, 9)).toMatchObject({ kind: 'quota', needed: 10 });
  });

  it('keeps the pause between requests to the second', () => {
    const at = (secondsAgo: number) =>
      decide(
        settings({ cooldownSeconds: 30 }),
        ada,
        { ...unused, lastRequestAt: new Date(now.getTime() - secondsAgo * 1000) },
        price,
        now,
      );
    expect(at(0)).toEqual({ kind: 'cooldown', seconds: 30 });
    expect(at(29.5)).toEqual({ kind: 'cooldown', seconds: 1 });
    expect(at(30)).toBeNull();
    expect(decide(settings({ cooldownSeconds: 30 }), ada, unused, price, now)).toBeNull();
  });

  it('keeps the number of unfinished requests', () => {
    const withUnfinished = (unfinished: number, concurrentJobs: number | null) =>
      decide(settings({ concurrentJobs }), ada, { ...unused, unfinished }, price, now);
    expect(withUnfinished(1, 2)).toBeNull();
    expect(withUnfinished(2, 2)).toEqual({ kind: 'concurrent', limit: 2 });
    expect(withUnfinished(1000, null)).toBeNull();
  });

  it('is always yes for the unlimited', () => {
    const generous = settings({
      cooldownSeconds: 100,
      concurrentJobs: 1,
      unlimited: { users: [ada.user], roles: [] },
    });
    const usage = { quotas: [used(9, 1)], unfinished: 5, lastRequestAt: now };
    expect(decide(generous, ada, usage, price, now)).toBeNull();
    expect(decide(generous, { ...ada, user: userIdSchema.parse('eve') }, usage, price, now)).not.toBeNull();
  });
});

describe('a refusal', () => {
  const state = { rule: rule(everyone, 50), used: 49, resetsAt: new Date('2026-11-25T00:00:00Z') };

  it('is one line that names the rule, what is left, and when it begins anew', () => {
    const error = refusalError({ kind: 'quota', state, needed: 2 }, messagesFor('en'));
    expect(error).toMatchObject({ code: 'quota' });
    expect(error.message).toBe(
      'This would take 2 pictures, more than is left. 50 pictures a day (each member): 49 of 50 used, 1 left, begins anew at 2026-11-25 00:00 UTC.',
    );
  });

  it('promises no moment for a window that rolls', () => {
    const rolling = { ...state, rule: rule(everyone, 50, 'seconds', 'rolling-week'), resetsAt: null };
    const { message } = refusalError({ kind: 'quota', state: rolling, needed: 2.5 }, messagesFor('en'));
    expect(message).toContain('compute seconds');
    expect(message).not.toContain('UTC');
  });

  it('is in the person’s language, one line each', () => {
    const refusals = [
      { kind: 'quota', state, needed: 2 },
      { kind: 'cooldown', seconds: 1 },
      { kind: 'concurrent', limit: 3 },
    ] as const;
    for (const refusal of refusals) {
      const [english, german] = ['en-GB', 'de'].map((locale) => refusalError(refusal, messagesFor(locale)).message);
      expect(english).not.toBe(german);
      for (const message of [english, german]) expect(message).toMatch(/^[^\n]+\.$/);
    }
  });
});

describe('a window', () => {
  it('of the calendar begins at midnight UTC, of the month on the first', () => {
    expect(windowAt('day', now)).toEqual({
      from: new Date('2026-11-24T00:00:00Z'),
      resetsAt: new Date('2026-11-25T00:00:00Z'),
    });
    expect(windowAt('month', new Date('2026-12-31T23:59:59.999Z'))).toEqual({
      from: new Date('2026-12-01T00:00:00Z'),
      resetsAt: new Date('2027-01-01T00:00:00Z'),
    });
  });

  it('that rolls looks back', () => {
    expect(windowAt('rolling-week', now)).toEqual({ from: new Date('2026-11-17T12:34:56Z'), resetsAt: null });
  });

  it('contains its moment, and the calendar’s follow each other without a gap', () => {
    const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...quotaWindows), moment, (window, at) => {
        const { from, resetsAt } = windowAt(window, at);
        expect(from.getTime()).toBeLessThanOrEqual(at.getTime());
        if (resetsAt === null) return;
        expect(resetsAt.getTime()).toBeGreaterThan(at.getTime());
        expect(windowAt(window, resetsAt).from).toEqual(resetsAt);
        expect(windowAt(window, from).resetsAt).toEqual(resetsAt);
      }),
    );
  });
});

it('every unit and window has its words, one and many', () => {
  for (const locale of ['en', 'de']) {
    const { quota } = messagesFor(locale);
    for (const unit of quotaUnits) {
      expect(quota.amount(1, unit)).not.toBe(quota.amount(2, unit).replace('2', '1'));
      for (const window of quotaWindows) {
        expect(quota.limit({ subject: { kind: 'everyone' }, amount: 7, unit, window })).toMatch(/^7 \S+ \S+/);
      }
    }
  }
});
