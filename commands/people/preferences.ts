import { defineCommand } from '../command.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import type { OptionDefinitions } from '../options.ts';
import type { Preference } from '../parameters/parameter.ts';
import type { Field } from '../reply.ts';
import { type CommandRequest, UserError } from '../request.ts';
import type { Services } from '../services.ts';
import { defaultable, type RecipeDefaults, recipeDefaultsSchema } from '../settings.ts';
import { requireStyle } from '../styles.ts';

/** The options that may have a default of one's own; the guild's defaults (`/easel-admin defaults`) take the same. */
export const defaultOptions = {
  ...optionsOf(defaultable),
  reset: { type: 'boolean', description: 'Begin with none: forget those that are set' },
} as const satisfies OptionDefinitions;

/** Shows the requester's own defaults, or changes those that are given. */
export const preferences = defineCommand({
  name: 'preferences',
  description: 'Show or set your own defaults',
  options: defaultOptions,
  permission: 'everyone',
  async run(request, options, services) {
    const messages = messagesFor(request.actor.locale);
    const { guild, user } = request.origin;
    const { reset, ...given } = options;
    const before = reset === true ? {} : await services.preferences.of(guild, user);
    const after = await mergeDefaults(before, given, request, services);
    const changed = reset === true || Object.values(given).some((value) => value !== undefined);
    if (changed) await services.preferences.save(guild, user, after);
    const isEmpty = Object.keys(after).length === 0;
    const { none, saved, reset: gone } = messages.preferences;
    return {
      kind: 'message',
      visibility: 'private',
      title: messages.preferences.title,
      text: changed ? (isEmpty ? gone : saved) : isEmpty ? none : '',
      fields: defaultFields(after, messages),
    };
  },
});

/**
 * Earlier defaults with what was given put over them. Rejects with a `UserError` where what was given is not there: an
 * unknown model, style or sampler would spoil every later request.
 */
export async function mergeDefaults(
  before: RecipeDefaults,
  given: { readonly [Name in keyof RecipeDefaults]: unknown },
  request: CommandRequest,
  services: Services,
): Promise<RecipeDefaults> {
  const messages = messagesFor(request.actor.locale);
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const parsed = recipeDefaultsSchema.safeParse({ ...before, ...Object.fromEntries(set) });
  // All but the ratio's form has been parsed with the options.
  if (!parsed.success) throw new UserError('invalid_aspect', messages.recipe.aspect(String(given.aspect)));
  const { style, sampler, model } = parsed.data;
  const { samplers } = await services.models.describe(request, model);
  if (sampler !== undefined && !samplers.includes(sampler)) {
    throw new UserError('unknown_sampler', messages.recipe.sampler(sampler, samplers));
  }
  requireStyle(style, await services.settings.of(request.origin.guild), messages);
  return parsed.data;
}

/** Defaults as a list for people. */
export function defaultFields(defaults: RecipeDefaults, messages: Messages): readonly Field[] {
  const values = new Map<string, unknown>(Object.entries(defaults));
  return Object.entries(defaultable).flatMap(([name, { label }]) => {
    const value = values.get(name);
    return value === undefined ? [] : [{ name: messages.describe(label), value: shown(value) }];
  });
}

/** A value as it is typed. */
function shown(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

function optionsOf<Preferences extends Readonly<Record<string, Preference>>>(
  from: Preferences,
): { readonly [Name in keyof Preferences]: Preferences[Name]['option'] } {
  return Object.assign({}, ...Object.entries(from).map(([name, { option }]) => ({ [name]: option })));
}
