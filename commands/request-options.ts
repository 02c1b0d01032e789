import { z } from 'zod';
import type { Preference } from './parameters/parameter.ts';
import { MAX_COUNT } from './recipe.ts';

/*
 * What is said of a request beside the parameters of its pictures.
 */

const count = z.int().min(1).max(MAX_COUNT);
export const countOption = {
  type: 'integer',
  min: 1,
  max: MAX_COUNT,
  description: 'How many pictures; seeds count up from the first',
} as const;

export const styleOption = {
  type: 'string',
  maxLength: 50,
  autocomplete: 'style',
  description: 'A style to put around the prompt',
} as const;

export const privateOption = { type: 'boolean', description: 'Only you see the picture' } as const;

/** Defaults that members and guilds may set, as for the parameters. */
export const requestPreferences = {
  style: { label: 'Style', option: styleOption, schema: z.string().min(1).max(50) },
  count: { label: 'Pictures', option: { ...countOption, description: 'How many pictures at once' }, schema: count },
  private: {
    label: 'Private',
    option: { type: 'boolean', description: 'Whether only the requester sees the pictures' },
    schema: z.boolean(),
  },
} as const satisfies Readonly<Record<string, Preference>>;
