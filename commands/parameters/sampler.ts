import { z } from 'zod';
import type { ModelDescription } from '../engine.ts';
import type { Messages } from '../locale/index.ts';
import { UserError } from '../request.ts';
import { defineParameter } from './parameter.ts';

/** An id of `ModelDescription.samplers`. */
const schema = z.string().min(1).max(40);
const option = {
  type: 'string',
  maxLength: 40,
  autocomplete: 'sampler',
  description: 'The method that removes the noise',
} as const;

export const sampler = defineParameter({
  shape: { sampler: schema },
  options: { sampler: option },
  preferences: { sampler: { label: 'Sampler', option, schema } },
  choose: (given, { start, model, messages }) => {
    const chosen = given.sampler ?? start?.sampler ?? model.defaults.sampler;
    requireSampler(chosen, model, messages);
    return { sampler: chosen };
  },
  write: (recipe) => ({ Sampler: recipe.sampler }),
  read: (settings) => ({ sampler: settings.text('Sampler') }),
  describe: (recipe) => [['Sampler', recipe.sampler]],
  typed: (recipe) => `--sampler ${recipe.sampler}`,
});

/** Throws a `UserError` that lists the samplers where the model does not have this one. */
export function requireSampler(sampler: string, model: ModelDescription, messages: Messages): void {
  if (model.samplers.includes(sampler)) return;
  throw new UserError('unknown_sampler', messages.recipe.sampler(sampler, model.samplers));
}
