import { z } from 'zod';

/**
 * What Discord accepts as an application command, by its documentation.
 * https://docs.discord.com/developers/interactions/application-commands
 */
const name = z
  .string()
  .regex(/^[-_'\p{L}\p{N}]{1,32}$/u)
  .refine((text) => text === text.toLowerCase(), 'Lower case');
const description = z.string().min(1).max(100);
/** Some of the languages that Discord knows. */
const languages = z.enum(['de', 'en-GB', 'en-US', 'es-ES', 'fr', 'it', 'ja', 'nl', 'pl', 'pt-BR']);
const description_localizations = z.partialRecord(languages, description).nullish();
const MAX_COMMAND_CHARACTERS = 8000;

const choice = z.looseObject({ name: z.string().min(1).max(100), value: z.union([z.string().max(100), z.number()]) });

const valueOption = z
  .looseObject({
    type: z.int().min(3).max(11),
    name,
    description,
    description_localizations,
    required: z.boolean().optional(),
    choices: z.array(choice).max(25).optional(),
    autocomplete: z.boolean().optional(),
    min_length: z.int().min(0).max(6000).optional(),
    max_length: z.int().min(1).max(6000).optional(),
    min_value: z
      .number()
      .min(-(2 ** 53))
      .max(2 ** 53)
      .optional(),
    max_value: z
      .number()
      .min(-(2 ** 53))
      .max(2 ** 53)
      .optional(),
  })
  .refine((option) => !(option.autocomplete === true && (option.choices ?? []).length > 0), {
    message: 'Autocomplete and choices exclude each other',
  });

const valueOptions = z
  .array(valueOption)
  .max(25)
  .refine((options) => {
    const firstOptional = options.findIndex(({ required }) => required !== true);
    return firstOptional === -1 || options.slice(firstOptional).every(({ required }) => required !== true);
  }, 'Required options must be placed before non-required options')
  .refine((options) => new Set(options.map((option) => option.name)).size === options.length, 'Names must be unique');

const subcommand = z.looseObject({
  type: z.literal(1),
  name,
  description,
  description_localizations,
  options: valueOptions.optional(),
});
const group = z.looseObject({
  type: z.literal(2),
  name,
  description,
  options: z.array(subcommand).min(1).max(25),
});

const common = {
  default_member_permissions: z.string().regex(/^\d+$/).nullish(),
  contexts: z.array(z.int().min(0).max(2)).nullish(),
  integration_types: z.array(z.int().min(0).max(1)).optional(),
  nsfw: z.boolean().optional(),
};

export const commandBody = z
  .union([
    z.looseObject({
      ...common,
      type: z.literal(1).optional(),
      name,
      description,
      description_localizations,
      options: z.union([valueOptions, z.array(z.union([subcommand, group])).max(25)]).optional(),
    }),
    z.looseObject({
      ...common,
      type: z.literal(3),
      name: z.string().min(1).max(32),
      name_localizations: z.partialRecord(languages, z.string().min(1).max(32)).nullish(),
      description: z.literal('').optional(),
    }),
  ])
  .refine((command) => characters(command) <= MAX_COMMAND_CHARACTERS, 'Command exceeds maximum size');
export type CommandBody = z.infer<typeof commandBody>;

/** Names, descriptions and values add up, each in the language in which it is longest. */
function characters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + characters(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  const entries = new Map<string, unknown>(Object.entries(value));
  return [...entries].reduce((sum, [key, item]) => {
    if (key.endsWith('_localizations')) return sum;
    const counted = ['name', 'description', 'value'].includes(key) && typeof item === 'string';
    if (!counted) return sum + characters(item);
    const others = Object.values(entries.get(`${key}_localizations`) ?? {}).map((text) => String(text).length);
    return sum + Math.max(item.length, ...others);
  }, 0);
}
