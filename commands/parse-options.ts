import { z } from 'zod';
import { channelIdSchema, roleIdSchema, userIdSchema } from './ids.ts';
import { en } from './locale/en.ts';
import type { Messages } from './locale/index.ts';
import type { OptionDefinition, OptionDefinitions, OptionValues } from './options.ts';
import { type Attachment, UserError } from './request.ts';
import { parseTextOptions } from './text-options.ts';

/** A form's field for options that have none of their own, written as after a command: `--guidance 5 --seed 7`. */
export const MORE = 'more';

/**
 * Turns what a platform gave (typed values of Discord, words of a Slack text, strings of a form) into the values that the
 * definitions promise. An empty value counts as not given, except where a definition's `minLength` is 0: there it is the
 * empty text. Throws a `UserError` of one line that names the option, what was given and what is allowed.
 */
export function parseOptions<Definitions extends OptionDefinitions>(
  definitions: Definitions,
  given: Readonly<Record<string, unknown>>,
  messages: Messages = en,
): OptionValues<Definitions> {
  const raw = withMore(definitions, given, messages);
  const unknown = Object.keys(raw).find((name) => !Object.hasOwn(definitions, name));
  if (unknown !== undefined) {
    throw new UserError('unknown_option', messages.options.unknown(shown(unknown), Object.keys(definitions)));
  }
  const schema = z.strictObject(
    Object.fromEntries(
      Object.entries(definitions).map(([name, definition]) => [name, optionSchema(name, definition, messages)]),
    ),
  );
  const parsed = schema.safeParse({ ...raw });
  if (!parsed.success) {
    throw new UserError('invalid_option', parsed.error.issues[0]?.message ?? messages.options.unreadable);
  }
  // The schema was made from these definitions, key by key: TypeScript cannot follow that through `Object.entries`.
  return parsed.data as OptionValues<Definitions>;
}

function withMore(
  definitions: OptionDefinitions,
  given: Readonly<Record<string, unknown>>,
  messages: Messages,
): Readonly<Record<string, unknown>> {
  const { [MORE]: more, ...fields } = given;
  if (typeof more !== 'string' || Object.hasOwn(definitions, MORE)) return given;
  const others = Object.entries(definitions).filter(([name]) => !Object.hasOwn(fields, name));
  return { ...fields, ...parseTextOptions(Object.fromEntries(others), more, messages) };
}

/** Absent, empty and required are decided here; what a present value must look like, by `valueSchema`. */
function optionSchema(name: string, definition: OptionDefinition, messages: Messages): z.ZodType {
  const value = valueSchema(definition);
  return z
    .unknown()
    .optional()
    .transform((given, context) => {
      if (isEmpty(given, definition)) {
        if (definition.required !== true) return undefined;
        context.addIssue(messages.options.missing(name, messages.describe(definition.description)));
        return z.NEVER;
      }
      const parsed = value.safeParse(given);
      if (parsed.success) return parsed.data;
      context.addIssue(messages.options.invalid(name, described(given, definition, messages), definition));
      return z.NEVER;
    });
}

function valueSchema(definition: OptionDefinition): z.ZodType {
  switch (definition.type) {
    case 'string':
      return textSchema(definition);
    case 'integer':
      return numberSchema.pipe(z.int().min(definition.min).max(definition.max));
    case 'number':
      return numberSchema.pipe(z.number().min(definition.min).max(definition.max));
    case 'boolean':
      return booleanSchema;
    case 'attachment':
      return z.custom<Attachment>((given) => typeof given === 'object' && given !== null && 'fetch' in given);
    case 'user':
      return mentionSchema(/^<@!?(\w+)(?:\|[^>]*)?>$/).pipe(userIdSchema);
    case 'role':
      return mentionSchema(/^<(?:@&|!subteam\^)(\w+)(?:\|[^>]*)?>$/).pipe(roleIdSchema);
    case 'channel':
      return mentionSchema(/^<#(\w+)(?:\|[^>]*)?>$/).pipe(channelIdSchema);
    default:
      return definition satisfies never;
  }
}

function textSchema(definition: Extract<OptionDefinition, { type: 'string' }>): z.ZodType<string> {
  const text = z
    .string()
    .transform(clean)
    .pipe(
      z
        .string()
        .min(definition.minLength ?? 1)
        .max(definition.maxLength),
    );
  const { choices } = definition;
  if (choices === undefined) return text;
  return text.transform((given, context) => {
    const choice = choices.find((candidate) => candidate.toLowerCase() === given.toLowerCase());
    if (choice !== undefined) return choice;
    context.addIssue('not a choice');
    return z.NEVER;
  });
}

const numberSchema = z.union([
  z.number(),
  z
    .string()
    .trim()
    .regex(/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/)
    .transform(Number),
]);

const booleanWords: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'on', 'yes', '1'].map((word) => [word, true] as const),
  ...['false', 'off', 'no', '0'].map((word) => [word, false] as const),
]);

const booleanSchema = z.union([
  z.boolean(),
  z.string().transform((given, context) => {
    const value = booleanWords.get(given.trim().toLowerCase());
    if (value !== undefined) return value;
    context.addIssue('not a switch');
    return z.NEVER;
  }),
]);

/** A bare id, or the platform's mention of it (`<@123>`, `<#C12|general>`). */
function mentionSchema(mention: RegExp): z.ZodType<string> {
  return z
    .string()
    .trim()
    .transform((given) => mention.exec(given)?.[1] ?? given)
    .pipe(z.string().regex(/^[\w.:-]{1,100}$/));
}

/** Control characters and lone surrogates go: neither SQL nor a tokenizer can take them, and nobody can see them. */
function clean(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Cc}\p{Cs}]/gu, (character) => (character === '\n' || character === '\t' ? character : ''))
    .trim();
}

function isEmpty(given: unknown, definition: OptionDefinition): boolean {
  if (given === undefined || given === null) return true;
  if (typeof given !== 'string' || /[^\s\p{Cf}\p{Cc}\p{Cs}]/u.test(given)) return false;
  return !(definition.type === 'string' && definition.minLength === 0);
}

function described(given: unknown, definition: OptionDefinition, messages: Messages): string {
  const isFreeText = definition.type === 'string' && definition.choices === undefined;
  if (typeof given === 'string' && isFreeText && given.length > definition.maxLength) {
    return messages.options.characters(clean(given).length);
  }
  return shown(typeof given === 'object' ? typeof given : String(given));
}

function shown(given: string): string {
  const line = given.replace(/\s+/g, ' ');
  return `"${line.length > 40 ? `${line.slice(0, 39)}…` : line}"`;
}
