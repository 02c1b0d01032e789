import { z } from 'zod';
import { channelIdSchema, roleIdSchema, userIdSchema } from './ids.ts';
import { recipePreferences } from './parameters/index.ts';
import type { Preference } from './parameters/parameter.ts';
import { requestPreferences } from './request-options.ts';

/**
 * What a guild's admin decides, as one document. It is stored as JSON with its version, so that an older export can
 * still be read: `parseSettings` fills in what an older document did not know.
 */

/** Calendar windows begin at midnight UTC (`month`: on the first); rolling ones look back from now. */
export const quotaWindows = ['day', 'month', 'rolling-day', 'rolling-week', 'rolling-month'] as const;
export const quotaUnits = ['pictures', 'seconds'] as const;
export type QuotaWindow = (typeof quotaWindows)[number];
export type QuotaUnit = (typeof quotaUnits)[number];

/** Whom a rule binds: `everyone` is each member by themselves, `guild` is all members together. */
export const quotaSubjectSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('everyone') }),
  z.strictObject({ kind: z.literal('role'), role: roleIdSchema }),
  z.strictObject({ kind: z.literal('user'), user: userIdSchema }),
  z.strictObject({ kind: z.literal('guild') }),
]);
export type QuotaSubject = z.infer<typeof quotaSubjectSchema>;

/**
 * At most `amount` in `window`; `seconds` are compute seconds. For one member and unit and window, a rule for the user
 * replaces rules for roles, of which the most generous counts, and these replace the rule for everyone. The guild's rules
 * hold beside them.
 */
export const quotaRuleSchema = z.strictObject({
  subject: quotaSubjectSchema,
  unit: z.enum(quotaUnits),
  window: z.enum(quotaWindows),
  amount: z.number().min(0).max(1e9),
});
export type QuotaRule = z.infer<typeof quotaRuleSchema>;

/** `*` stands for any run of letters and digits; without one the entry is a whole word or phrase. */
export const blockedSchema = z.string().trim().min(2).max(100);

/** All defaults that may be set, by the names of their options. */
export const defaultable = { ...recipePreferences, ...requestPreferences };

/** Values that a request takes where its author gives none; the author's own preferences come before the guild's. */
export const recipeDefaultsSchema = z.strictObject(optionalSchemas(defaultable));
export type RecipeDefaults = z.infer<typeof recipeDefaultsSchema>;

function optionalSchemas<Preferences extends Readonly<Record<string, Preference>>>(
  from: Preferences,
): { readonly [Name in keyof Preferences]: z.ZodOptional<Preferences[Name]['schema']> } {
  return Object.assign({}, ...Object.entries(from).map(([name, { schema }]) => ({ [name]: schema.optional() })));
}

/** The collections that people pass on have some hundreds. */
export const MAX_STYLES = 500;

export const styleSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,32}$/),
  /** `{prompt}` is where the author's words go; without it they go first. */
  prompt: z.string().min(1).max(1000),
  negative: z.string().max(1000).optional(),
});
export type Style = z.infer<typeof styleSchema>;

export const guildSettingsSchema = z.strictObject({
  version: z.literal(1),
  /** No new requests are taken; what is queued is still drawn. */
  paused: z.boolean(),
  quotas: z.array(quotaRuleSchema).max(100),
  /** Between two requests of one member. */
  cooldownSeconds: z.int().min(0).max(86_400),
  /** Unfinished requests of one member; null: any number. */
  concurrentJobs: z.int().min(1).max(100).nullable(),
  /** Quotas, cooldown and the limit of concurrent jobs do not bind these. */
  unlimited: z.strictObject({ users: z.array(userIdSchema).max(500), roles: z.array(roleIdSchema).max(100) }),
  banned: z.array(userIdSchema).max(10_000),
  /** null: all of them. */
  allowedChannels: z.array(channelIdSchema).max(500).nullable(),
  /** Of a channel's own entry and those of what it belongs to the nearest decides. */
  deniedChannels: z.array(channelIdSchema).max(500),
  allowedModels: z.array(z.string().min(1).max(100)).max(100).nullable(),
  /** Matched by name, as models are. */
  allowedLoras: z.array(z.string().min(1).max(200)).max(500).nullable(),
  allowedStyles: z.array(z.string().min(1).max(50)).max(MAX_STYLES).nullable(),
  /** The largest picture, in pixels; null: whatever the model can do. */
  maxPixels: z.int().min(4096).max(16_777_216).nullable(),
  maxSteps: z.int().min(1).max(200).nullable(),
  defaults: recipeDefaultsSchema,
  styles: z.array(styleSchema).max(MAX_STYLES),
  /** Prompts that match are refused. */
  blocked: z.array(blockedSchema).max(1000),
  /** Adult prompts: in channels that the platform restricts by age, or nowhere. */
  adult: z.enum(['age-restricted', 'never']),
  /** Which pictures are hidden until clicked. */
  spoiler: z.enum(['off', 'age-restricted', 'always']),
  /** What becomes of pictures that the operator's check covers: covered, or refused. */
  flagged: z.enum(['spoiler', 'refuse']),
  /** Pictures and requests of the guild go after so many days, or sooner where the operator keeps them less long; null: as long. */
  keepDays: z.int().min(1).max(3650).nullable(),
  /** Reaction (neutral name, such as `sparkles`) -> command; null switches a default one off. */
  reactions: z.record(z.string().min(1).max(64), z.string().min(1).max(64).nullable()),
});
export type GuildSettings = z.infer<typeof guildSettingsSchema>;

/**
 * The settings of a place that no guild rules, for somebody whom guilds do: a ban holds, every blocked word, and the
 * strictest limits, cooldown included. Quotas are counted with those of the guilds by the store; channels, models and styles
 * are each guild's own.
 */
export function strictest(own: GuildSettings, others: readonly GuildSettings[]): GuildSettings {
  const all = [own, ...others];
  const least = (pick: (settings: GuildSettings) => number | null): number | null => {
    const limits = all.map(pick).filter((limit) => limit !== null);
    return limits.length === 0 ? null : Math.min(...limits);
  };
  return {
    ...own,
    banned: [...new Set(all.flatMap(({ banned }) => banned))],
    blocked: [...new Set(all.flatMap(({ blocked }) => blocked))],
    adult: all.some(({ adult }) => adult === 'never') ? 'never' : own.adult,
    maxPixels: least(({ maxPixels }) => maxPixels),
    maxSteps: least(({ maxSteps }) => maxSteps),
    cooldownSeconds: Math.max(...all.map(({ cooldownSeconds }) => cooldownSeconds)),
    concurrentJobs: least(({ concurrentJobs }) => concurrentJobs),
  };
}

/** A new guild's rules: fair to begin with, and everything may be changed. */
export const defaultSettings: GuildSettings = {
  version: 1,
  paused: false,
  quotas: [],
  cooldownSeconds: 0,
  concurrentJobs: 10,
  unlimited: { users: [], roles: [] },
  banned: [],
  allowedChannels: null,
  deniedChannels: [],
  allowedModels: null,
  allowedLoras: null,
  allowedStyles: null,
  maxPixels: null,
  maxSteps: null,
  defaults: {},
  styles: [],
  blocked: [],
  adult: 'age-restricted',
  spoiler: 'off',
  flagged: 'spoiler',
  keepDays: null,
  reactions: {},
};

/** A document that a later Easel has written. */
export class SettingsVersionError extends Error {
  readonly given: string;
  readonly known = defaultSettings.version;

  constructor(given: unknown) {
    super('These settings are of another version.');
    this.name = 'SettingsVersionError';
    this.given = String(given).slice(0, 20);
  }
}

/**
 * Settings from stored or imported JSON; keys that are absent take their defaults. Throws a `SettingsVersionError`, or a
 * `ZodError`, whose words are those of `faults`.
 */
export function parseSettings(value: unknown, faults?: z.core.$ZodErrorMap): GuildSettings {
  const words = faults && { error: faults };
  const document = z.record(z.string(), z.unknown()).parse(value, words);
  const { version = defaultSettings.version } = document;
  if (version !== defaultSettings.version) throw new SettingsVersionError(version);
  return guildSettingsSchema.parse({ ...defaultSettings, ...document }, words);
}
