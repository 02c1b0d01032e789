import { recipeLimits } from '../build-recipe.ts';
import { defineCommand } from '../command.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import type { OptionDefinitions } from '../options.ts';
import type { Field } from '../reply.ts';
import { type CommandRequest, UserError } from '../request.ts';
import type { Services } from '../services.ts';
import { type RecipeDefaults, recipeDefaultsSchema } from '../settings.ts';
import { requireStyle } from '../styles.ts';

/** The options that may have a default of one's own; the guild's defaults (`/easel-admin defaults`) take the same. */
export const defaultOptions = {
  model: { type: 'string', maxLength: 100, autocomplete: 'model', description: 'The model that draws' },
  style: { type: 'string', maxLength: 50, autocomplete: 'style', description: 'The style around the prompt' },
  aspect: { type: 'string', maxLength: 9, autocomplete: 'aspect', description: 'Width to height, such as 16:9' },
  negative: { type: 'string', maxLength: 1000, multiline: true, description: 'What to keep out of every picture' },
  steps: { type: 'integer', ...recipeLimits.steps, description: 'Steps' },
  guidance: { type: 'number', ...recipeLimits.guidance, description: 'How closely to follow the prompt' },
  sampler: { type: 'string', maxLength: 40, autocomplete: 'sampler', description: 'The method that removes the noise' },
  refine: {
    type: 'string',
    maxLength: 3,
    choices: ['on', 'off'],
    description: 'Whether the refiner ends each picture',
  },
  count: { type: 'integer', ...recipeLimits.count, description: 'How many pictures at once' },
  private: { type: 'boolean', description: 'Whether only the requester sees the pictures' },
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
export function defaultFields(defaults: RecipeDefaults, { fields }: Messages): readonly Field[] {
  return recipeDefaultsSchema
    .keyof()
    .options.filter((name) => defaults[name] !== undefined)
    .map((name) => ({ name: fields[name], value: shown(defaults[name]) }));
}

/** A value as it is typed. */
function shown(value: RecipeDefaults[keyof RecipeDefaults]): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}
